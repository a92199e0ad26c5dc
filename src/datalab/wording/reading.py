"""The reading age of English text: Flesch-Kincaid grade plus 5, with a count of syllables that is rather too high.

Kincaid, Fishburne, Rogers and Chissom (1975), "Derivation of new readability formulas for Navy enlisted personnel": grade =
0.39 x words a sentence + 11.8 x syllables a word - 15.59. A child in the first grade of a United States school is 6, so the
age is the grade plus 5. A figure counts as it is spoken, except for what stands in tables. Where the spelling leaves a
choice the higher count is taken, so that a text is never called easier than it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

GRADE_TO_AGE = 5
_WORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:[’'][A-Za-z]+)*|\d[\d,]*(?:\.\d+)?%?")
_SENTENCE_END = re.compile(r"[.!?](?=[\s\"”’)]|$)")
_VOWELS = re.compile(r"[aeiouy]+")
# Two vowels that are spoken apart (sci-ence, cre-ate, ar-e-a, du-al, po-et), but for the endings of one syllable that hold them.
_APART = re.compile(r"(?<![csxtg])i[aou]|(?<=[csxtg])i[aou](?!n|us|l|te)|ie[nt]|(?<!p)eo|e[a](?=te|$|l?l?ity)|u[ao]|uen|oe[tm]|[aeiou]ing|yi|ism$|iu|eing")
_SILENT_E = re.compile(r"(?<=[^aeiouyl])e$|(?<=[aeiouy]l)e$|(?<=[aeiou]r)e$")
_SILENT_ED = re.compile(r"(?<=[^aeioudty])ed$")
_SILENT_ES = re.compile(r"(?<=[^aeiouycsxzgh])es$|(?<=[^cs]h)es$")
_SILENT_INSIDE = re.compile(r"(?<=[^aeiouyl])e(?=ly$|ment|ments$|ful|less$|ness$|where$)")
_DIGITS = (2, 1, 1, 1, 1, 1, 1, 2, 1, 1)
_TEENS = (1, 3, 1, 2, 2, 2, 2, 3, 2, 2)
_TENS = (0, 0, 2, 2, 2, 2, 2, 3, 2, 2)


@dataclass(frozen=True)
class Reading:
    """How hard a text is: its sentences, words and syllables."""

    sentences: int
    words: int
    syllables: int

    @property
    def age(self) -> float:
        """The reading age in years."""
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59 + GRADE_TO_AGE


def measure_reading(passages: Iterable[str]) -> Reading:
    """The reading of a text of several passages (paragraphs, list items); each ends a sentence, with or without a full stop.

    Semicolons, colons and dashes end none. Raises ValueError where there is no word at all.

    >>> round(measure_reading(["The cat sat on the mat."]).age, 1)
    3.6
    """
    kept = [text for text in passages if _WORD.search(text)]
    if not kept:
        raise ValueError("there is no text to measure")
    found = [word for text in kept for word in _WORD.findall(text)]
    sentences = sum(len([part for part in _SENTENCE_END.split(text) if _WORD.search(part)]) for text in kept)
    return Reading(sentences, len(found), sum(count_syllables(word) for word in found))


def count_syllables(word: str) -> int:
    """Syllables of an English word or a figure, rather one too many than one too few.

    >>> [count_syllables(word) for word in ("prison", "science", "matched", "27%")]
    [2, 2, 1, 6]
    """
    if word[0].isdigit():
        return _figure(word)
    text = word.lower().replace("’", "").replace("'", "")
    bare = _SILENT_INSIDE.sub("", _SILENT_ES.sub("s", _SILENT_ED.sub("d", _SILENT_E.sub("", text))))
    return max(1, len(_VOWELS.findall(bare)) + len(_APART.findall(bare)))


def _figure(word: str) -> int:
    """Syllables of a figure as it is spoken: 27% as "twenty-seven per cent"."""
    digits = word.rstrip("%").replace(",", "")
    whole, _, decimals = digits.partition(".")
    after = 1 + sum(_DIGITS[int(digit)] for digit in decimals) if decimals else 0
    return _number(int(whole)) + after + (2 if word.endswith("%") else 0)


def _number(value: int) -> int:
    if value >= 1_000_000:
        return _number(value // 1_000_000) + 2 + (_number(value % 1_000_000) if value % 1_000_000 else 0)
    if value >= 1000:
        return _number(value // 1000) + 2 + (_number(value % 1000) if value % 1000 else 0)
    if value >= 100:
        return _DIGITS[value // 100] + 2 + (1 + _number(value % 100) if value % 100 else 0)
    if value >= 20:
        return _TENS[value // 10] + (_DIGITS[value % 10] if value % 10 else 0)
    return _TEENS[value - 10] if value >= 10 else _DIGITS[value]
