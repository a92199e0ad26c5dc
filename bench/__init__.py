"""Time and memory of the main jobs, each a process of its own, as a user would start it."""
