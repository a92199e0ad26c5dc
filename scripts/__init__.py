"""Chores of the repository: set-up, generated docs, the check of a demo's output."""
