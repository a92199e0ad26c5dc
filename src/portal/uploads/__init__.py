"""The people a provider sends: checked at once, encrypted, seen by nobody but the engine."""
