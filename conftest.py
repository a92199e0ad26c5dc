"""Examples in docstrings that name files: they run in a folder where those files are, as a reader has them.

`people.csv`, two finished evaluations (`out/first`, `out/second`), and a made-up country with a study (`country`).
PDFs, which take as long as a whole run of a small country, are drawn for tests marked `pdf` alone.
"""

from __future__ import annotations

from pathlib import Path

import pytest

FILES = ('"people.csv"', '"out/', '"country/')


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before any fixture of the test: whether PDFs are real."""
    from tests import quick_pdf

    quick_pdf.use(real=item.get_closest_marker("pdf") is not None)


@pytest.fixture(autouse=True)
def example_folder(request: pytest.FixtureRequest) -> None:
    """The working folder of an example that names files; nothing for every other test."""
    test = getattr(request.node, "dtest", None)
    if test is None:
        return
    source = "".join(example.source for example in test.examples)
    if not any(name in source for name in FILES):
        return
    folder = request.getfixturevalue("tmp_path")
    _fill(folder, source, request.getfixturevalue("tmp_path_factory"))
    request.getfixturevalue("monkeypatch").chdir(folder)


def _fill(folder: Path, source: str, factory: pytest.TempPathFactory) -> None:
    from tests.command_line import write_study
    from tests.integration.test_evaluate_bad_tables import people
    from tests.world_fixture import world_folder

    import datalab as dl

    names = ["part", "age", "area", "back"]
    people()[names].to_csv(folder / "people.csv", index=False)
    for seed, name in ((5, "first"), (6, "second")):
        if f'"out/{name}' not in source:
            continue
        table = folder / f"{name}.csv"
        people(seed=seed)[names].to_csv(table, index=False)
        found = dl.evaluate(table, treatment="part", outcomes="back:binary", sensitivity=False)
        found.write(folder / "out" / name, locations={"table": table})
    if '"country/' in source:
        world = world_folder(factory)
        studies = folder / "country" / "studies"
        studies.mkdir(parents=True)
        write_study(studies / "thames-workshop.toml", world)
