"""Fields: what the names mean in one department's data. A study says which: `field = "justice"`."""
