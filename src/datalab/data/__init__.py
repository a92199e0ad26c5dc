"""Calibration figures and code lists; SOURCES.md says where from."""
