"""Evidence, checks, decisions: the only way out for a number."""
