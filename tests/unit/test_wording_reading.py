"""The reading age: syllables beside a dictionary's, and the formula beside a sum done by hand."""

from __future__ import annotations

import pytest

from datalab.wording.reading import count_syllables, measure_reading

# Syllables as British dictionaries divide the words (Oxford English Dictionary, pronunciations).
KNOWN = {
    1: "the of who than took part here less were more found would could groups range prove cause one such through years matched "
    "asked helped placed shares caused",
    2: "people prison taking result study likely reason table higher lower between women before programme science single release "
    "fewer unlike measures changes houses wanted needed because figure ages safely alike making",
    3: "reoffend exactly similar example difference offender custody comparing employment everyone "
    "anything possible area violent serious period actual idea influence",
    4: "comparison reoffended information community experience society variable reoffending usually",
    5: "association eliminated evaluated university possibility opportunity ",
    6: "responsibility",
}
WORDS = [(word, count) for count, text in KNOWN.items() for word in text.split()]


@pytest.mark.parametrize(("word", "count"), WORDS)
def test_no_word_is_counted_too_short(word: str, count: int) -> None:
    assert count_syllables(word) >= count


def test_few_words_are_counted_too_long() -> None:
    excess = sum(count_syllables(word) - count for word, count in WORDS)
    assert excess <= 0.08 * sum(count for _, count in WORDS)


def test_a_figure_is_a_word_of_its_sentence_but_no_syllables() -> None:
    found = measure_reading(["Of 1,605 people 27% (or 0.2) came."])
    assert (found.tokens, found.words, found.syllables) == (7, 4, 5)


def test_the_formula() -> None:
    found = measure_reading(["Ten men took part. Four of them did well.", "A list item without an end"])
    assert (found.sentences, found.tokens, found.words) == (3, 15, 15)
    by_hand = 0.39 * 15 / 3 + 11.8 * found.syllables / 15 - 15.59 + 5
    assert found.age == pytest.approx(by_hand)


def test_a_semicolon_ends_no_sentence() -> None:
    assert measure_reading(["One came; two went: three stayed."]).sentences == 1


def test_nothing_has_no_reading_age() -> None:
    with pytest.raises(ValueError, match="no text"):
        measure_reading(["", " – "])
