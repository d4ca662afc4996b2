"""What the call designer works with: terms in parts, as typed, with problems at their place. Pure."""
