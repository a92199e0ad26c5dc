"""Arrow columns as NumPy arrays: the column's own memory where it can be, and without loading pandas, as PyArrow's way does."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datalab.table import Bools, Floats, Ints

MISSING_LEVEL = "(missing)"


def floats_of(column: pa.ChunkedArray) -> Floats:
    """A column of numbers or true/false as float64 (n,), NaN where it is null; read-only where the memory is the column's.

    >>> floats_of(pa.chunked_array([[1, None]])).tolist()
    [1.0, nan]
    """
    # Not safe: a whole number beyond 2^53 has no float64 of its own, and an error of Arrow would show it.
    whole = _in_one(pc.cast(column, pa.float64(), safe=False))
    values = np.asarray(np.frombuffer(_memory(whole), np.float64, len(whole), whole.offset * 8 if len(whole) else 0))
    return np.where(_is_null(whole), np.nan, values) if whole.null_count else values


def encode_text(column: pa.ChunkedArray) -> tuple[Ints, tuple[str, ...]]:
    """A column as codes (n,) into its distinct texts, in alphabetical order, so that the order of rows cannot matter.

    A missing value is a text of its own. Texts that a dictionary holds and no row has are left out.

    >>> codes, levels = encode_text(pa.chunked_array([["b", "a", None]]))
    >>> codes.tolist(), levels
    ([2, 1, 0], ('(missing)', 'a', 'b'))
    """
    coded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(pc.cast(column, pa.string()))
    whole = _in_one(coded.unify_dictionaries())
    held = [MISSING_LEVEL if text is None else text for text in pc.cast(whole.dictionary, pa.string()).to_pylist()]
    places = _places(whole, missing=len(held))
    texts = [*held, MISSING_LEVEL]
    seen = np.flatnonzero(np.bincount(places, minlength=len(texts)))
    levels = tuple(sorted({texts[place] for place in seen.tolist()}))
    code_of = {text: code for code, text in enumerate(levels)}
    codes = np.array([code_of.get(text, 0) for text in texts], dtype=np.int64)
    return codes[places], levels


def is_blank(column: pa.ChunkedArray) -> Bools:
    """Where a column says nothing (n,): null, NaN, or a text without a letter.

    >>> is_blank(pa.chunked_array([["a", " ", None]])).tolist()
    [False, True, True]
    """
    blank = pc.is_null(column, nan_is_null=pa.types.is_floating(column.type))
    if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        letters = pc.utf8_trim_whitespace(pc.cast(column, pa.large_string()))
        blank = pc.or_(blank, pc.fill_null(pc.equal(letters, ""), True))
    return np.asarray(blank.to_numpy(zero_copy_only=False) if isinstance(blank, pa.Array) else blank.to_numpy(), dtype=bool)


def _places(whole: pa.DictionaryArray, missing: int) -> Ints:
    indices = pc.cast(whole.indices, pa.int64())
    places = np.frombuffer(_memory(indices), np.int64, len(indices), indices.offset * 8 if len(indices) else 0)
    return np.where(_is_null(indices), missing, places) if indices.null_count else places


def _in_one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _memory(whole: pa.Array) -> pa.Buffer | bytes:
    return whole.buffers()[1] or b""


def _is_null(whole: pa.Array) -> Bools:
    flags = pc.cast(whole.is_null(), pa.uint8())
    return np.asarray(np.frombuffer(_memory(flags), np.uint8, len(flags), flags.offset) == 1)
