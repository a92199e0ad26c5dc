"""Three studies on public data that come inside Python packages, so they run offline. See README.md."""
