"""Slow and obvious: index events and the reoffending measure in plain Python, row by row, straight from the definitions.

Reads the rows of a `World`; shares no code with the engine but the lists of codes.
"""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Any

Row = dict[str, Any]
OPEN = dt.date(9999, 12, 31)
KIND_ORDER = ("release", "court_order", "non_custodial", "caution")
MODE_ORDER = ("indictable", "either_way", "summary")
VIOLENT_CODES = ("00801",)  # of those the tests use
BENEFITS = ("JSA", "ESA", "IB", "IS", "UC")


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day of the month so many months later, or the last day of a shorter month."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def counts(offence: Row) -> bool:
    return (
        offence["recordable"]
        and offence["jurisdiction"] == "england_wales"
        and offence["prosecutor"] == "police"
        and not offence["is_breach"]
    )


def stays_of(spells: list[Row]) -> list[Row]:
    """Joins spells that overlap or touch until nothing more can be joined (quadratic, on purpose)."""
    groups = [[spell] for spell in spells]

    def meet(left: list[Row], right: list[Row]) -> bool:
        return any(a["start"] <= (b["release"] or OPEN) and b["start"] <= (a["release"] or OPEN) for a in left for b in right)

    joined = True
    while joined:
        joined = False
        for i in range(len(groups)):
            for j in range(i + 1, len(groups)):
                if meet(groups[i], groups[j]):
                    groups[i] = groups[i] + groups.pop(j)
                    joined = True
                    break
            if joined:
                break
    return [
        {
            "start": min(spell["start"] for spell in group),
            "release": max(spell["release"] or OPEN for spell in group),
            "spell": min(group, key=lambda spell: (-spell["sentence_days"], spell["start"], spell["spell_id"])),
        }
        for group in groups
    ]


def events_of(rows: dict[str, list[Row]], person_id: str) -> list[Row]:
    """Every index event of one person, in order of date, kind and key."""
    occasions = {row["occasion_id"]: row for row in rows["occasion"] if row["person_id"] == person_id}
    offences = [row for row in rows["offence"] if row["person_id"] == person_id]
    events = []
    for stay in stays_of([row for row in rows["custody"] if row["person_id"] == person_id]):
        if stay["release"] != OPEN:
            spell = stay["spell"]
            events.append(
                {
                    "event_key": f"release:{spell['spell_id']}",
                    "kind": "release",
                    "index_date": stay["release"],
                    "occasion_id": spell["occasion_id"],
                    "stay_start": stay["start"],
                }
            )
    for occasion in occasions.values():
        if occasion["kind"] == "conviction" and occasion["court_outcome"] == "custody":
            continue
        if not any(offence["occasion_id"] == occasion["occasion_id"] and counts(offence) for offence in offences):
            continue
        kind = "caution" if occasion["kind"] == "caution" else "non_custodial"
        if occasion["kind"] == "conviction" and occasion["court_outcome"] in ("community", "suspended"):
            kind = "court_order"
        events.append(
            {
                "event_key": f"occasion:{occasion['occasion_id']}",
                "kind": kind,
                "index_date": occasion["date"],
                "occasion_id": occasion["occasion_id"],
                "stay_start": None,
            }
        )
    for event in events:
        principal = [row for row in offences if row["occasion_id"] == event["occasion_id"] and row["is_principal"]]
        event["offence_code"] = principal[0]["code"]
        event["conviction_date"] = occasions[event["occasion_id"]]["date"]
    return sorted(events, key=lambda event: (event["index_date"], KIND_ORDER.index(event["kind"]), event["event_key"]))


def reoffences_of(rows: dict[str, list[Row]], person_id: str, clock_start: dt.date, months: int) -> list[Row]:
    """Proven reoffences after the clock start, the first one first."""
    end, waiting_end = add_months(clock_start, months), add_months(clock_start, months + 6)
    proven = {row["occasion_id"]: row["date"] for row in rows["occasion"]}
    found = [
        row
        for row in rows["offence"]
        if row["person_id"] == person_id
        and counts(row)
        and clock_start < row["offence_date"] <= end
        and proven[row["occasion_id"]] <= waiting_end
    ]
    return sorted(found, key=lambda row: (row["offence_date"], MODE_ORDER.index(row["mode_of_trial"]), row["offence_id"]))


def measures_of(rows: dict[str, list[Row]], person_id: str, clock_start: dt.date, months: int) -> dict[str, float | None]:
    """Every measure of one event; None where the event is outside the denominator."""
    found = reoffences_of(rows, person_id, clock_start, months)
    values: dict[str, float | None] = {"rate": float(bool(found)), "frequency": float(len(found))}
    first = found[0] if found else None
    values["days_to_first"] = float((first["offence_date"] - clock_start).days) if first else None
    for mode in MODE_ORDER:
        values[f"first_{mode}_rate"] = float(first["mode_of_trial"] == mode) if first else None
        values[f"first_{mode}_frequency"] = float(sum(row["mode_of_trial"] == mode for row in found)) if first else None
    jailed = {row["occasion_id"] for row in found if row["disposal"] == "custody"}
    values["custody_rate"] = float(first["disposal"] == "custody") if first else None
    values["custody_frequency"] = float(len(jailed)) if first else None
    values["violent_rate"] = float(any(row["code"] in VIOLENT_CODES for row in found))
    return values | work_measures_of(rows, person_id, clock_start, months)


def work_measures_of(rows: dict[str, list[Row]], person_id: str, clock_start: dt.date, months: int) -> dict[str, float | None]:
    """Employment and benefits day by day over the follow-up; None for people not known to the records before the clock."""
    person = next(row for row in rows["person"] if row["person_id"] == person_id)
    end = add_months(clock_start, months)
    follow_up = [clock_start + dt.timedelta(n) for n in range(1, (end - clock_start).days + 1)]
    most = 365 * months // 12

    def days_in(spells: list[Row]) -> set[dt.date]:
        return {day for day in follow_up for spell in spells if spell["start"] <= day <= (spell.get("end") or OPEN)}

    jobs = days_in([row for row in rows["employment"] if row["person_id"] == person_id])
    claims = [row for row in rows["benefit"] if row["person_id"] == person_id]
    values: dict[str, float | None] = {
        "employed_any": float(bool(jobs)),
        "employed_1m": float(add_months(clock_start, 1) in jobs),
        "employed_12m": float(add_months(clock_start, 12) in jobs),
        "days_employed": float(min(len(jobs), most)),
        "benefit_any": float(bool(days_in(claims))),
        "days_on_benefit": float(min(len(days_in(claims)), most)),
    }
    for code in BENEFITS:
        values[f"benefit_{code.lower()}"] = float(bool(days_in([row for row in claims if row["benefit"] == code])))
    known = person.get("tax_identity") is not None and person["tax_identity"] < clock_start
    return values if known else dict.fromkeys(values)


def survival_of(
    rows: dict[str, list[Row]], person_id: str, clock_start: dt.date, months: int, death: dt.date | None
) -> tuple[float, bool]:
    """Days to the first reoffence, death or the horizon of 365 days a year, and whether it was a reoffence."""
    horizon = 365 * months // 12
    found = reoffences_of(rows, person_id, clock_start, months)
    days = (found[0]["offence_date"] - clock_start).days if found else None
    dead = (death - clock_start).days if death and death <= add_months(clock_start, months) else horizon
    end = min(horizon, dead)
    return (float(days), True) if days is not None and days <= end else (float(end), False)


def at_risk(rows: dict[str, list[Row]], person_id: str, index_date: dt.date, clock_start: dt.date, months: int) -> str | None:
    """Why the event is not at risk when the clock starts: died, custody, offended, superseded; None where it is."""
    person = next(row for row in rows["person"] if row["person_id"] == person_id)
    if person.get("date_of_death") and person["date_of_death"] <= clock_start:
        return "died"
    spells = [row for row in rows["custody"] if row["person_id"] == person_id]
    if any(stay["start"] <= clock_start and stay["release"] > index_date for stay in stays_of(spells)):
        return "custody"
    proven = {row["occasion_id"]: row["date"] for row in rows["occasion"]}
    gap = [row for row in rows["offence"] if row["person_id"] == person_id and index_date < row["offence_date"] <= clock_start]
    waiting_end = add_months(clock_start, months + 6)
    if any(counts(row) and proven[row["occasion_id"]] <= waiting_end for row in gap):
        return "offended"
    later = [event for event in events_of(rows, person_id) if index_date < event["index_date"] <= clock_start]
    return "superseded" if later else None
