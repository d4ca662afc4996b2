"""Pure parts of outreach."""
