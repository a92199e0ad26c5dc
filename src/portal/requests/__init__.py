"""A request from draft to published: its life cycle, its form, its notes."""
