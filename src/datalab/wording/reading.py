"""The reading age of English text: Flesch-Kincaid grade plus 5, with a count of syllables that is rather too high.

Kincaid, Fishburne, Rogers and Chissom (1975), "Derivation of new readability formulas for Navy enlisted personnel": grade =
0.39 x words a sentence + 11.8 x syllables a word - 15.59. A child in the first grade of a United States school is 6, so the
age is the grade plus 5. A figure counts as a word of its sentence, but syllables a word are those of the other words; Flesch
(1979), "How to write plain English", counts it as a word of one syllable, and lets semicolons and colons end a sentence, both
of which would make our texts look easier. Where the spelling leaves a choice the higher count of syllables is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

GRADE_TO_AGE = 5
_WORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:[’'][A-Za-z]+)*|\d[\d,]*(?:\.\d+)?%?")
_LETTER = re.compile(r"[A-Za-zÀ-ÿ]")
_SENTENCE_END = re.compile(r"[.!?](?=[\s\"”’)]|$)")
_VOWELS = re.compile(r"[aeiouy]+")
# Two vowels that are spoken apart (sci-ence, cre-ate, ar-e-a, du-al, po-et), but for the endings of one syllable that hold them.
_APART = re.compile(
    r"(?<![csxtg])i[aou]|(?<=[csxtg])i[aou](?!n|us|l|te)|ie[nt]|(?<!p)eo|e[a](?=te|$|l?l?ity)|u[ao]|uen|oe[tm]|[aeiou]ing|yi|ism$|iu|eing"
)
_SILENT_E = re.compile(r"(?<=[^aeiouyl])e$|(?<=[aeiouy]l)e$|(?<=[aeiou]r)e$")
_SILENT_ED = re.compile(r"(?<=[^aeioudty])ed$")
_SILENT_ES = re.compile(r"(?<=[^aeiouycsxzgh])es$|(?<=[^cs]h)es$")
_SILENT_INSIDE = re.compile(r"(?<=[^aeiouyl])e(?=ly$|ment|ments$|ful|less$|ness$|where$)")


@dataclass(frozen=True)
class Reading:
    """How hard a text is: its sentences, its words and figures together, its words, and the syllables of those."""

    sentences: int
    tokens: int
    words: int
    syllables: int

    @property
    def age(self) -> float:
        """The reading age in years."""
        return 0.39 * self.tokens / self.sentences + 11.8 * self.syllables / self.words - 15.59 + GRADE_TO_AGE


def measure_reading(passages: Iterable[str]) -> Reading:
    """The reading of a text of several passages (paragraphs, list items); each ends a sentence, with or without a full stop.

    Semicolons, colons and dashes end none. Raises ValueError where there is no word at all.

    >>> round(measure_reading(["The cat sat on the mat."]).age, 1)
    3.6
    """
    kept = [text for text in passages if _LETTER.search(text)]
    if not kept:
        raise ValueError("there is no text to measure")
    tokens = [token for text in kept for token in _WORD.findall(text)]
    found = [token for token in tokens if not token[0].isdigit()]
    sentences = sum(len([part for part in _SENTENCE_END.split(text) if _WORD.search(part)]) for text in kept)
    return Reading(sentences, len(tokens), len(found), sum(count_syllables(word) for word in found))


def count_syllables(word: str) -> int:
    """Syllables of an English word, rather one too many than one too few.

    >>> [count_syllables(word) for word in ("prison", "science", "matched")]
    [2, 2, 1]
    """
    text = word.lower().replace("’", "").replace("'", "")
    bare = _SILENT_INSIDE.sub("", _SILENT_ES.sub("s", _SILENT_ED.sub("d", _SILENT_E.sub("", text))))
    return max(1, len(_VOWELS.findall(bare)) + len(_APART.findall(bare)))
