"""What the pages of the review show, in a bounded number of queries, and the facts that its rules judge."""
