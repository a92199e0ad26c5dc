"""How the lab grows: time and memory of each stage with 50,000, 500,000 and 5,000,000 central people, and 1,000 submitted rows.

`python -m bench.sizing --folder DIR [--sizes 50000 500000 5000000] [--draw docs/sizing.svg]` keeps the countries in DIR, so that
a second call does not make them again; the figures are kept there too, and the chart is drawn from all of them.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import altair as alt

from bench.timing import Timing, section, time_command
from datalab.report.svg import COMPARISON, INK, MUTED, POOL, TREATED, data_of, draw, specification, standalone

SIZES = (50_000, 500_000, 5_000_000)
ROWS = 1_000
STUDY = "thames-workshop"
# Stages of a run that grow with the country, by the names that the manifest gives them; the rest of the run does not.
PARTS = ("world make", "index build", "run, whole")
COLOURS = (POOL, COMPARISON, TREATED)


def main() -> None:
    """Measures the sizes that are asked for, prints them, and draws."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--draw", type=Path)
    asked = parser.parse_args()
    section(f"sizing: {ROWS:,} submitted rows against central records of so many people")
    for people in asked.sizes:
        measure(asked.folder, people)
    if asked.draw is not None:
        asked.draw.write_text(picture(kept(asked.folder)), encoding="utf-8")


def measure(folder: Path, people: int) -> None:
    """One size: the country if it is not there, its index, a run; keeps the figures."""
    country, run = folder / f"country-{people}", folder / f"run-{people}"
    found: dict[str, dict[str, float]] = {}
    command = (sys.executable, "-m", "datalab.cli")
    if not (country / "truth.json").is_file():
        found["world make"] = told(
            people, "world make", time_command([*command, "world", "make", "--people", str(people), "--out", str(country)])
        )
    (country / "central" / "linkage-index.duckdb").unlink(missing_ok=True)
    found["index build"] = told(
        people, "index build", time_command([*command, "index", "build", "--central", str(country / "central")])
    )
    study = shortened(country)
    found["run, whole"] = told(
        people, "run, whole", time_command([*command, "run", str(study), "--out", str(run), "--overwrite"])
    )
    seconds = json.loads((run / "manifest.json").read_text(encoding="utf-8"))["beside"]["seconds"]
    for stage, value in seconds.items():
        print(f"  {people:>9,} {stage:60} {value:8.1f} s", flush=True)
    old = kept(folder).get(str(people), {})
    path = folder / f"figures-{people}.json"
    path.write_text(
        json.dumps({**old, **found, "stages": {name: {"seconds": value} for name, value in seconds.items()}}), encoding="utf-8"
    )


def told(people: int, job: str, timing: Timing) -> dict[str, float]:
    """Prints one measurement and gives it as figures."""
    print(
        f"  {people:>9,} {job:60} {timing.seconds:8.1f} s {timing.processor:8.1f} s of processors {timing.megabytes:7.0f} MB",
        flush=True,
    )
    return {"seconds": timing.seconds, "processor": timing.processor, "megabytes": timing.megabytes}


def shortened(country: Path) -> Path:
    """The study of the country with the first thousand rows of its upload and one analysis; returns its path."""
    lines = (country / "uploads" / f"{STUDY}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (country / "uploads" / "thousand.csv").write_text("".join(lines[: ROWS + 1]), encoding="utf-8")
    text = (country / "studies" / f"{STUDY}.toml").read_text(encoding="utf-8")
    text = text.replace(f"{STUDY}.xlsx", "thousand.csv").replace("needs_design     = true", "needs_design     = false")
    study = country / "studies" / "thousand.toml"
    study.write_text(text.split('[[analysis]]\nname  = "completers"')[0], encoding="utf-8")
    return study


def kept(folder: Path) -> dict[str, dict[str, dict[str, float]]]:
    """The figures of every size measured so far, by people."""
    return {
        path.stem.removeprefix("figures-"): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("figures-*.json"))
    }


def picture(figures: dict[str, dict[str, dict[str, float]]]) -> str:
    """Processor seconds by people, both logarithmic, a line a job."""
    rows = [
        {"people": int(people), "job": job, "seconds": round(found[job]["processor"], 2)}
        for people, found in sorted(figures.items(), key=lambda item: int(item[0]))
        for job in PARTS
        if job in found
    ]
    log = alt.Scale(type="log", nice=False)
    axis = alt.Axis(format="~s", values=sorted({row["people"] for row in rows}), grid=False)
    base = alt.Chart(data_of(rows)).encode(
        x=alt.X("people:Q", title="Central people", scale=log, axis=axis),
        y=alt.Y("seconds:Q", title="Processor seconds", scale=log, axis=alt.Axis(values=[10, 100, 1_000, 10_000], format=",d")),
        color=alt.Color("job:N", scale=alt.Scale(domain=list(PARTS), range=list(COLOURS))),
    )
    points = base.mark_point(filled=True, size=70, opacity=1).encode(
        shape=alt.Shape("job:N", scale=alt.Scale(domain=list(PARTS)))
    )
    # The figures above their points, with a white edge to part them from the lines behind.
    edges, words = (
        base.mark_text(dy=-14, **look).encode(text=alt.Text("seconds:Q", format=",.0f"))
        for look in ({"stroke": "#ffffff", "strokeWidth": 4}, {"color": INK})
    )
    layers = base.mark_line(strokeWidth=2.5), edges.encode(color=alt.value("#ffffff")), points, words
    whole = alt.layer(*layers).properties(width=520, height=300)
    ends = ", ".join(f"{row['job']} with {row['people']:,} people {row['seconds']:.0f} s" for row in rows)
    title = "Processor seconds by the number of central people"
    return standalone(
        draw({**specification(whole), "config": {"axis": {"titleColor": MUTED}}}, name="sizing", title=title, description=ends)
    )


if __name__ == "__main__":
    main()
