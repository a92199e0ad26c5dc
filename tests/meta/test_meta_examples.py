"""Every name of the public face has an example, and every example of it is run: the tests collect `src` with its doctests."""

from __future__ import annotations

import doctest
import inspect
import tomllib
from pathlib import Path

import pytest

import datalab as dl

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", dl.__all__)
def test_a_name_of_the_public_face_has_an_example_that_is_run(name: str) -> None:
    thing = getattr(dl, name)
    assert inspect.isroutine(thing) or inspect.isclass(thing)
    found = doctest.DocTestFinder(recurse=False).find(thing, name)
    examples = [example for test in found for example in test.examples]
    assert examples, "has no example"
    assert not [example.source for example in examples if example.options.get(doctest.SKIP)], "is not run"
    home = Path(inspect.getsourcefile(thing) or "")
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    assert "--doctest-modules" in options["addopts"]
    assert any(home.is_relative_to(ROOT / path) for path in options["testpaths"])
