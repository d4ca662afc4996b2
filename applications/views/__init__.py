"""Pages of a case, one file an audience or subject."""
