"""Who is told of what, after the database has it."""
