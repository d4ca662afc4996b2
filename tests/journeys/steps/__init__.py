"""The acts of the main journey, one module for those who act."""
