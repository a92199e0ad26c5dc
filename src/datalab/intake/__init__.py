"""Reads an upload safely, cleans it, and finds every fault at once."""
