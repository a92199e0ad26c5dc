"""The portal: a Django service over the engine, from a provider's first question to cleared output."""
