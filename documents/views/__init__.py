"""Pages of documents, one file an audience."""
