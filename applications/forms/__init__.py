"""Forms of the applicant's pages: they validate and never save."""
