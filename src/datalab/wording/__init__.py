"""Every sentence the engine can say, by key; see render.py."""

from datalab.wording.render import say, words

__all__ = ["say", "words"]
