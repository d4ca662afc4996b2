"""Use cases of people and organisations."""
