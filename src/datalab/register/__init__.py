"""The differencing register: who was in every published table, by keyed code alone (design 2.9)."""

from datalab.register.store import Register, open_asked, open_register

__all__ = ["Register", "open_asked", "open_register"]
