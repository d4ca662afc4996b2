"""Pure rules of documents: no Django, no clock, no database."""
