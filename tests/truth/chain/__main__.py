"""`make truth-chain`: the whole chain against redrawn programmes with dirty uploads. Exit 1 where coverage is out of its limits.

A stopped run goes on where it was: each draw is a line of `draws.csv`.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from pathlib import Path

from tests.truth.chain.book import Book, book_lines
from tests.truth.chain.country import make_country, write_country
from tests.truth.chain.draw import Draw
from tests.truth.chain.programme import COMMUNITY, EFFECTS, calibrate
from tests.truth.chain.workers import draws_of
from tests.truth.lines import in_rows, into_page, table_markdown, table_text, verdict
from tests.truth.tasks import clock, say

SEED, PEOPLE, DRAWS = 11, 60_000, 400


def conduct(asked: argparse.Namespace) -> list[Draw]:
    """Makes the draws that are not there yet; returns all."""
    book = Book(asked.out)
    programme = {name: str(value) for name, value in asdict(COMMUNITY).items()}
    done = book.open(
        {"people": asked.people, "seed": asked.seed, "effects": [asdict(e) for e in EFFECTS], "programme": programme}
    )
    book.write(done)
    country = make_country(asked.people, asked.seed)
    write_country(country, asked.out / "country")
    there = {(one.effect, one.number) for one in done}
    chosen = [effect for effect in EFFECTS if asked.effect in ("all", effect.name)]
    shares = {effect.name: calibrate(country, effect.points) for effect in chosen}
    # Effect by effect within each number, so that a run that is stopped has as many of each.
    wanted = [(e, n, shares[e.name]) for n in range(asked.draws) for e in chosen if n < e.most and (e.name, n) not in there]
    say(f"{len(wanted)} draws to make, {len(done)} are there.")
    began = time.monotonic()
    for count, one in enumerate(draws_of(wanted, asked.jobs, (asked.people, asked.seed, asked.out / "country")), start=1):
        book.add(one)
        done.append(one)
        if count % asked.tell == 0:
            spent = time.monotonic() - began
            say(f"{count}/{len(wanted)}; {clock(spent)} gone, about {clock(spent / count * (len(wanted) - count))} left")
    book.write(done)
    return [one for one in done if one.number < asked.draws]


def main() -> int:
    """Returns 0, or 1 where a figure is outside its limits."""
    parser = argparse.ArgumentParser(prog="python -m tests.truth.chain", description=__doc__)
    parser.add_argument("--draws", type=int, default=DRAWS, help="of each effect")
    parser.add_argument("--effect", choices=("all", *(effect.name for effect in EFFECTS)), default="all")
    parser.add_argument("--jobs", type=int, default=2, help="processes; the figures do not depend on it")
    parser.add_argument("--people", type=int, default=PEOPLE, help="of the country")
    parser.add_argument("--seed", type=int, default=SEED, help="of the country")
    parser.add_argument("--tell", type=int, default=20, help="draws between two lines of progress")
    parser.add_argument(
        "--out", type=Path, default=Path("out/truth-chain"), help="folder of the country, the draws and the table"
    )
    parser.add_argument("--page", type=Path, help="a page with marks between which the table is written (docs/truth.md)")
    asked = parser.parse_args()
    draws = conduct(asked)
    lines = in_rows(book_lines(draws))
    (asked.out / "table.md").write_text(table_markdown(lines), encoding="utf-8")
    if asked.page is not None:
        page = into_page(
            asked.page.read_text(encoding="utf-8"), "make truth-chain", f"{table_markdown(lines)}\n{verdict(lines)}\n"
        )
        asked.page.write_text(page, encoding="utf-8")
    seconds = sum(one.seconds for one in draws) / len(draws)
    say(f"\n{table_text(lines)}\n\n{verdict(lines)} {seconds:.1f} CPU seconds a draw.")
    return int(any(line.fails for line in lines))


if __name__ == "__main__":
    raise SystemExit(main())
