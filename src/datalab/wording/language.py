"""Languages: a folder of sentences each, its plural rule and the tag that a page carries, and whether it is complete.

A part (a TOML file) is wholly in a language or, where its folder has no such file, wholly in English: no part is half of each.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from datalab.errors import InternalError, UsageError

ENGLISH = "en"
# The file of a folder that says what the language is; every other file is a part.
ABOUT = "language.toml"
# The categories of the Unicode CLDR plural rules; `other` is the one that every language has.
CATEGORIES = ("zero", "one", "two", "few", "many", "other")


@dataclass(frozen=True)
class Language:
    """One language. code: the folder's name. tag: what `lang` says on a page. plural: category to the whole numbers that have
    it; every other number is `other`. folder: where its parts lie."""

    code: str
    tag: str
    plural: tuple[tuple[str, tuple[int, ...]], ...]
    folder: Traversable

    def category(self, count: object) -> str:
        """The plural category of a count: a number, or a number as printed ("1" is a whole number, "1.0" is not)."""
        whole = _whole(count)
        return next((name for name, numbers in self.plural if whole in numbers), "other")

    @property
    def categories(self) -> frozenset[str]:
        """Every form that a counted sentence must have."""
        return frozenset({*(name for name, _ in self.plural), "other"})


def _whole(count: object) -> int | None:
    if isinstance(count, str):
        digits = count.replace(",", "")
        return int(digits) if digits.isdecimal() else None
    return int(count) if isinstance(count, (int, float)) and count == int(count) else None


@cache
def find_language(code: str, root: Traversable | None = None) -> Language:
    """The language of a folder `code`. root: the folder of languages; default: those of this package.

    Raises UsageError where there is none, and InternalError where what it says of itself is wrong.

    >>> find_language("en").tag, find_language("en").category(1), find_language("en").category("1.0")
    ('en-GB', 'one', 'other')
    """
    base = root or resources.files("datalab.wording")
    if code not in languages(root):
        refusal = read_part(find_language(ENGLISH), "errors")["language"]["unknown"]
        raise UsageError(refusal.format(allowed=", ".join(languages(root)), value=code))
    folder = base.joinpath(code)
    about = tomllib.loads(folder.joinpath(ABOUT).read_text(encoding="utf-8"))
    plural = tuple((name, tuple(numbers)) for name, numbers in about["plural"].items())
    if not {name for name, _ in plural} < set(CATEGORIES):
        raise InternalError(f"{code}/{ABOUT}: a plural must be one of {', '.join(CATEGORIES[:-1])}")
    return Language(code, str(about["tag"]), plural, folder)


def languages(root: Traversable | None = None) -> tuple[str, ...]:
    """The codes of the languages that are there, in order.

    >>> languages()
    ('en',)
    """
    base = root or resources.files("datalab.wording")
    return tuple(sorted(folder.name for folder in base.iterdir() if folder.joinpath(ABOUT).is_file()))


_SPOKEN: ContextVar[Language | None] = ContextVar("language", default=None)


def spoken() -> Language:
    """The language that sentences are said in here: English, unless inside `speaking`."""
    return _SPOKEN.get() or find_language(ENGLISH)


@contextmanager
def speaking(language: str | Language) -> Iterator[Language]:
    """Inside it every sentence is said in this language. Raises UsageError where there is none of that code.

    >>> with speaking("en") as found:
    ...     found.tag
    'en-GB'
    """
    found = find_language(language) if isinstance(language, str) else language
    token = _SPOKEN.set(found)
    try:
        yield found
    finally:
        _SPOKEN.reset(token)


@cache
def read_part(language: Language, part: str) -> dict[str, Any]:
    """The sentences of one part; those in English where the language's folder does not have it. Raises InternalError."""
    for folder in (language.folder, find_language(ENGLISH).folder):
        source = folder.joinpath(f"{part}.toml")
        if source.is_file():
            return tomllib.loads(source.read_text(encoding="utf-8"))
    raise InternalError(f"wording has no part named {part}")


def gaps(language: Language) -> tuple[str, ...]:
    """What the parts of a language lack beside the English ones, or have too much: one line a key, none where complete.

    A sentence may leave out a place such as {title}, but may not have one that the English sentence does not have. A counted
    sentence has a form for every category of the language's plural rule.
    """
    english = find_language(ENGLISH).folder
    parts = sorted(file.name for file in language.folder.iterdir() if file.name.endswith(".toml") and file.name != ABOUT)
    found: list[str] = []
    for name in parts:
        ours = tomllib.loads(language.folder.joinpath(name).read_text(encoding="utf-8"))
        part = name.removesuffix(".toml")
        if not english.joinpath(name).is_file():
            found.append(f"{part}: English has no such part")
            continue
        theirs = tomllib.loads(english.joinpath(name).read_text(encoding="utf-8"))
        found += _gaps(part, theirs, ours, language.categories)
    return tuple(found)


def _gaps(key: str, english: Any, other: Any, forms: frozenset[str]) -> Iterator[str]:
    if is_counted(english):
        missing = forms - set(other) if isinstance(other, Mapping) else forms
        yield from (f"{key}: lacks the form {form}" for form in sorted(missing))
        texts = list(other.values()) if isinstance(other, Mapping) else [other]
        yield from _odd_places(key, " ".join(english.values()), texts)
    elif isinstance(english, Mapping):
        if key.endswith(("glossary.run", "glossary.evaluate")):  # its keys are words of the language itself
            return
        yield from (f"{key}.{name}: missing" for name in english if name not in other)
        yield from (f"{key}.{name}: not in English" for name in other if name not in english)
        for name in english:
            if name in other:
                yield from _gaps(f"{key}.{name}", english[name], other[name], forms)
    elif isinstance(english, str):
        yield from _odd_places(key, english, [other])


def is_counted(node: object) -> bool:
    """Whether an entry is a sentence in several plural forms rather than a table of sentences."""
    return isinstance(node, Mapping) and "other" in node and set(node) <= set(CATEGORIES)


def _odd_places(key: str, english: str, texts: list[Any]) -> Iterator[str]:
    known = _places(english) | {"count"}
    odd = sorted({place for text in texts for place in _places(str(text))} - known)
    yield from (f"{key}: English has no place {{{place}}}" for place in odd)


def _places(text: str) -> set[str]:
    return {name.split(":")[0] for _, name, _, _ in string.Formatter().parse(text) if name}
