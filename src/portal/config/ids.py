"""Identifiers: those in addresses cannot be guessed, those that people read aloud cannot be misheard."""

from __future__ import annotations

import secrets

# No vowels (no words), nothing that looks or sounds like something else.
_LETTERS = "BCDFGHJKMNPQRTVWXYZ"
_DIGITS = "346789"


def new_id() -> str:
    """128 random bits for an address."""
    return secrets.token_urlsafe(16)


def new_reference() -> str:
    """What a request is called in letters and on the telephone: `KD4-93RT`. Not a secret; unique by the database."""
    pick = secrets.choice
    return f"{pick(_LETTERS)}{pick(_LETTERS)}{pick(_DIGITS)}-{pick(_DIGITS)}{pick(_DIGITS)}{pick(_LETTERS)}{pick(_LETTERS)}"
