"""Finds the central person behind each submitted row, and says why."""
