"""The rulebook: facts of a case in, findings out. Pure: no Django, no clock, no database."""
