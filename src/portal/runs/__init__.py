"""Runs of the engine: queued in the database, done by a worker in a sealed process."""
