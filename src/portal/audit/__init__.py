"""What was done and looked at: append-only in the database, chained by hashes."""
