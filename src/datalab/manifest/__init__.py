"""The record of how each number was made, and its checking."""
