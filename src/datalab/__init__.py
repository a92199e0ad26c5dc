"""A data lab in a box: link, match, estimate, control disclosure, report."""

__version__ = "0.1.0"
