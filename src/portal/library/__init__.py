"""The library of what works: every analysis ever published."""
