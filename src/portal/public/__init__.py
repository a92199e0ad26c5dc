"""Pages for everybody: start, eligibility, template, methods, privacy."""
