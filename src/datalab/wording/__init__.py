"""Every sentence the engine can say, by key; see render.py, and language.py for a second language."""

from datalab.wording.language import Language, find_language, gaps, languages, speaking, spoken
from datalab.wording.render import say, words

__all__ = ["Language", "find_language", "gaps", "languages", "say", "speaking", "spoken", "words"]
