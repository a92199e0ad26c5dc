"""Releases: what is published when, who may see it a day before, and what was corrected afterwards."""
