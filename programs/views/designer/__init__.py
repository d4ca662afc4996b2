"""The call designer: office staff set up, revise and end calls."""
