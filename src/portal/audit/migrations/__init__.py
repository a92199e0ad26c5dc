"""Commands and migrations of the audit."""
