"""Every index event of the country, from the tables: releases, court orders, other convictions, cautions (design 2.1).

An immediate custodial sentence enters at release, never at sentence. Tables that are made: `lab_stay` (custodial stays) and
`lab_event` (index events); both are temporary tables of the connection.
"""

from __future__ import annotations

from datalab.engines.sql import Connection, compose, keep
from datalab.fields.justice.codes import EVENT_KIND
from datalab.fields.justice.covariates import NO_SENTENCE, SENTENCE_BANDS
from datalab.fields.justice.reoffending import OFFENCE_CODE_TABLE, OPEN_END, counts_as_offence, hand_over_offence_codes

STAY_TABLE = "lab_stay"
EVENT_TABLE = "lab_event"
# Two events of one person on one day: the heavier kind is taken first.
KIND_RANK = {kind: rank for rank, (kind, _) in enumerate(EVENT_KIND)}


def make_events(connection: Connection) -> None:
    """Makes `lab_stay`, `lab_event` and the table of offence codes from the central views of the connection."""
    hand_over_offence_codes(connection)
    keep(connection, STAY_TABLE, compose(stay_parts(), "select * from stay"))
    keep(connection, EVENT_TABLE, compose(event_parts(), "select * from event"))


def stay_parts() -> dict[str, str]:
    """Custodial stays: the spells of one person that overlap or touch, joined, so that a release is a real release.

    A spell that starts on or before the day of the latest release so far belongs to the same stay. A stay that holds an
    open spell is open (release 9999-12-31) and has no release. The index spell of a stay is the one with the longest
    sentence; then the earliest start, then spell_id.
    """
    return {
        "spell": f"select spell_id, person_id, occasion_id, start, coalesce(release, {OPEN_END}) as release, sentence_days"
        " from custody",
        "reached": """
    select *, max(release) over (
        partition by person_id order by start, release, spell_id rows between unbounded preceding and 1 preceding
    ) as free_from
    from spell""",
        "numbered": """
    select *, sum(case when free_from is null or start > free_from then 1 else 0 end) over (
        partition by person_id order by start, release, spell_id rows between unbounded preceding and current row
    ) as stay
    from reached""",
        "ranked": """
    select *, min(start) over (partition by person_id, stay) as stay_start,
        max(release) over (partition by person_id, stay) as stay_release,
        row_number() over (partition by person_id, stay order by sentence_days desc, start, spell_id) as place
    from numbered""",
        "stay": """
    select person_id, spell_id, occasion_id, sentence_days, stay_start as start, stay_release as release
    from ranked
    where place = 1""",
    }


def event_parts() -> dict[str, str]:
    """Index events of all people: one row each, with `event_key` (unique) and what is known of the index occasion.

    At court and for cautions the occasion must have dealt with at least one offence that counts (ours: a hearing for a
    breach alone brings nobody in). Event dates: day of release; day of sentence; day of the caution.
    """
    return {
        "released": released(),
        "counting_occasion": f"select distinct o.occasion_id from offence o where {counts_as_offence('o')}",
        "order_region": "select occasion_id, min(region) as region from court_order group by occasion_id",
        "dealt_with": dealt_with(),
        "happened": "select * from released union all select * from dealt_with",
        "event": described(),
    }


def released() -> str:
    """Releases: the end of each stay that has ended, with the occasion of its index spell."""
    return f"""
    select 'release:' || s.spell_id as event_key, 'release' as kind, s.person_id, s.release as index_date,
        s.start as stay_start, s.occasion_id, s.spell_id, s.sentence_days as stay_days, d.date as conviction_date,
        d.court_outcome as disposal, d.area as region
    from {STAY_TABLE} s
    join occasion d on d.occasion_id = s.occasion_id
    where s.release < {OPEN_END}"""


def dealt_with() -> str:
    """Court orders, other convictions and cautions; convictions with immediate custody are left to their release."""
    return """
    select 'occasion:' || d.occasion_id as event_key,
        case when d.kind = 'caution' then 'caution'
            when d.court_outcome in ('community', 'suspended') then 'court_order'
            else 'non_custodial' end as kind,
        d.person_id, d.date as index_date, cast(null as date) as stay_start, d.occasion_id,
        cast(null as varchar) as spell_id, cast(null as bigint) as stay_days, d.date as conviction_date,
        d.court_outcome as disposal, coalesce(r.region, d.area) as region
    from occasion d
    join counting_occasion c on c.occasion_id = d.occasion_id
    left join order_region r on r.occasion_id = d.occasion_id
    where d.kind = 'caution' or d.court_outcome <> 'custody'"""


def described() -> str:
    """Adds the principal offence, the bands and the quarter to each event."""
    ranks = " ".join(f"when '{kind}' then {rank}" for kind, rank in KIND_RANK.items())
    bands = " ".join(f"when h.stay_days <= {longest} then '{band}'" for band, _, longest in SENTENCE_BANDS)
    return f"""
    select h.event_key, h.kind, case h.kind {ranks} end as kind_rank, h.person_id, h.index_date, h.stay_start,
        h.occasion_id, h.spell_id, h.conviction_date, h.disposal, h.region, o.code as offence_code,
        coalesce(g.offence_group, 'unknown') as offence_group,
        cast(coalesce(h.stay_days, o.disposal_days) as bigint) as sentence_days,
        case when h.stay_days is null then '{NO_SENTENCE}' {bands} end as sentence_band,
        cast(year(h.index_date) as varchar) || 'Q' || cast(quarter(h.index_date) as varchar) as quarter
    from happened h
    join offence o on o.occasion_id = h.occasion_id and o.is_principal
    left join {OFFENCE_CODE_TABLE} g on g.code = o.code"""
