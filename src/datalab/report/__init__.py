"""The report a provider reads, its annex and its data."""
