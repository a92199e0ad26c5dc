"""One offending episode of many people at once: what follows from it, and the rows it leaves in the records."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from datalab.synthetic import disposals
from datalab.synthetic.draws import Floats, Ints, Stream
from datalab.synthetic.episodes import Columns
from datalab.synthetic.lives import Lives
from datalab.synthetic.offending import offence_mix

Bools = NDArray[np.bool_]

MOST_EXTRA = 12
MAIN, LATER, RECALL = 0, 1, 2  # parts of a round: the occasion, one dealt with later, a recall to prison


@dataclass(frozen=True)
class Turn:
    """One episode a life, (n,) each; days are since 1970.

    offended, proven: of the main offence; kind, disposal: positions in the mix and in codes.DISPOSAL; extras: further offences;
    later, later_day, later_disposal: whether the last of them is dealt with on an occasion of its own; sentence, release: of
    the main custodial sentence; later_sentence, later_release: of the one given on the later occasion (served inside the first);
    recalled, recall_start, recall_release: recall under an earlier licence; free: day of the return to freedom;
    order_end: end of the order given.
    """

    lives: Lives
    offended: Ints
    proven: Ints
    kind: Ints
    disposal: Ints
    extras: Ints
    later: Bools
    later_day: Ints
    later_disposal: Ints
    sentence: Ints
    release: Ints
    later_sentence: Ints
    later_release: Ints
    recalled: Bools
    recall_start: Ints
    recall_release: Ints
    free: Ints
    order_end: Ints

    @property
    def jailed(self) -> Bools:
        """Sent to custody on the main occasion."""
        return np.asarray(self.disposal == disposals.CUSTODY)

    @property
    def ordered(self) -> Bools:
        """Given a community or suspended sentence order."""
        return np.isin(self.disposal, (disposals.SUSPENDED, disposals.COMMUNITY))


def take_turn(stream: Stream, lives: Lives, main: Columns, *, extra_mean: Floats, offended: Ints, proven: Ints) -> Turn:
    """Draws all that follows from the main offence."""
    key, when = lives.key, lives.round
    kind, disposal = np.asarray(main["kind"], np.int64), np.asarray(main["disposal"], np.int64)
    jailed = disposal == disposals.CUSTODY
    extras = stream.geometric("extras", key, extra_mean, when)
    extras = np.minimum(extras, MOST_EXTRA)
    gap = 7 + np.round(45.0 * np.exp(0.9 * stream.normal("later gap", key, when))).astype(np.int64)
    later = (extras > 0) & (proven > offended) & (stream.uniform("later", key, when) < 0.05)
    later = later & (proven + gap <= lives.until)
    sentence = disposals.sentence_days(stream, key, when, offence_mix().gravity[kind])
    release = proven + np.maximum(sentence // 2, 7)
    nested = jailed & later & (proven + gap < release) & (stream.uniform("nested", key, when) < 0.6)
    later_sentence = np.maximum(sentence // 3, 14)
    later_release = np.where(nested, proven + gap + np.maximum(later_sentence // 2, 7), release)
    recalled = jailed & (lives.licence_end > proven) & (stream.uniform("recall", key, when) < 0.35)
    recall_start = np.minimum(proven + stream.index("recall day", key, np.ones(15), when), release)
    recall_release = np.minimum(recall_start + 28, np.maximum(lives.licence_end, recall_start + 1))
    inside = np.maximum(np.maximum(release, later_release), np.where(recalled, recall_release, release))
    order_days = disposals.order_days(stream, key, when, disposal == disposals.SUSPENDED)
    return Turn(
        lives=lives,
        offended=offended,
        proven=proven,
        kind=kind,
        disposal=disposal,
        extras=extras,
        later=later,
        later_day=proven + gap,
        later_disposal=np.select([nested, jailed], [disposals.CUSTODY, disposals.OTHER], disposals.FINE).astype(np.int64),
        sentence=sentence,
        release=release,
        later_sentence=later_sentence,
        later_release=later_release,
        recalled=recalled,
        recall_start=recall_start,
        recall_release=recall_release,
        free=np.where(jailed, inside, proven),
        order_end=proven + order_days,
    )


def after_turn(turn: Turn, phase: Floats) -> Lives:
    """The lives after the episode, in their new phases; those whose time is over are dropped."""
    lives, jailed = turn.lives, turn.jailed
    moved = replace(
        lives,
        round=lives.round + 1,
        since=turn.free,
        survived=turn.free,
        sanctions=lives.sanctions + 1 + turn.later,
        custodies=lives.custodies + jailed,
        licence_end=np.where(jailed, np.maximum(turn.proven + turn.sentence, turn.free), lives.licence_end),
        licence_round=np.where(jailed, lives.round, lives.licence_round),
        order_end=np.where(turn.ordered, turn.order_end, lives.order_end),
        last_kind=turn.kind,
        last_disposal=turn.disposal,
        last_sentence=np.where(jailed, turn.sentence, 0),
        earlier=lives.offences,
        offences=lives.offences + 1 + turn.extras,
        phase=phase,
    )
    return moved.take(moved.since <= moved.until)


def turn_rows(turn: Turn, stream: Stream) -> dict[str, Columns]:
    """The rows of every table that the episode leaves behind."""
    return {
        "occasion": _occasions(turn),
        "offence": _offences(turn, stream),
        "custody": _spells(turn),
        "order": _orders(turn),
        "block": _pick(turn, turn.jailed, start=turn.proven, end=turn.free),
    }


def _pick(turn: Turn, rows: Bools, **more: NDArray[np.generic] | int) -> Columns:
    """Person, key, round and further columns at these rows."""
    lives = turn.lives
    size = int(rows.sum())
    columns: Columns = {"person": lives.person[rows], "key": lives.key[rows], "round": lives.round[rows]}
    for name, value in more.items():
        columns[name] = np.full(size, value, np.int64) if isinstance(value, int) else value[rows]
    return columns


def _stack(parts: list[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _occasions(turn: Turn) -> Columns:
    everyone = np.ones(turn.proven.size, bool)
    main = _pick(turn, everyone, part=MAIN, date=turn.proven, disposal=turn.disposal)
    return _stack([main, _pick(turn, turn.later, part=LATER, date=turn.later_day, disposal=turn.later_disposal)])


def _spells(turn: Turn) -> Columns:
    lives, jailed = turn.lives, turn.jailed
    nested = turn.later & (turn.later_disposal == disposals.CUSTODY)
    own = lives.round
    return _stack(
        [
            _pick(turn, jailed, part=MAIN, source_round=own, start=turn.proven, release=turn.release, sentence=turn.sentence),
            _pick(
                turn,
                nested,
                part=LATER,
                source_round=own,
                start=turn.later_day,
                release=turn.later_release,
                sentence=turn.later_sentence,
            ),
            _pick(
                turn,
                turn.recalled,
                part=RECALL,
                source_round=lives.licence_round,
                start=turn.recall_start,
                release=turn.recall_release,
                sentence=turn.sentence,
            ),
        ]
    )


def _orders(turn: Turn) -> Columns:
    suspended = (turn.disposal == disposals.SUSPENDED).astype(np.int64)
    return _pick(turn, turn.ordered, suspended=suspended, start=turn.proven, end=turn.order_end)


def _offences(turn: Turn, stream: Stream) -> Columns:
    """The main offence (place 0), then the further ones, each with its day, kind, flags and disposal."""
    row = np.repeat(np.arange(turn.proven.size), turn.extras + 1)
    place = np.arange(row.size) - np.repeat(np.cumsum(turn.extras + 1) - turn.extras - 1, turn.extras + 1)
    lives, main = turn.lives, place == 0
    key, when = lives.key[row], lives.round[row] * 64 + place
    moved = ~main & (place == turn.extras[row]) & turn.later[row]
    kind = np.where(main, turn.kind[row], _extra_kinds(turn, row, stream, key, when))
    disposal = np.where(moved, turn.later_disposal[row], _extra_disposals(turn, row, stream, key, when))
    length = _lengths(turn, row, disposal, moved)
    window = turn.proven[row] - turn.offended[row]
    spread = moved | (stream.uniform("extra day", key, when) >= 0.5)
    along = np.floor(stream.uniform("extra along", key, when) * window).astype(np.int64)
    flags = _flags(stream, key, when, kind)
    return {
        "person": lives.person[row],
        "key": key,
        "round": lives.round[row],
        "part": np.where(moved, LATER, MAIN),
        "place": place,
        "date": turn.offended[row] + np.where(main | ~spread, 0, along),
        "proven": np.where(moved, turn.later_day[row], turn.proven[row]),
        "kind": kind,
        "disposal": disposal,
        "days": length,
        **flags,
    }


def _extra_kinds(turn: Turn, row: Ints, stream: Stream, key: Ints, when: Ints) -> Ints:
    """Half are of the main kind, the rest of the common mix; under supervision one in four is a breach."""
    mix = offence_mix()
    common = np.searchsorted(mix.chances[0], stream.uniform("extra kind", key, when), side="right")
    same = (stream.uniform("extra same", key, when) < 0.5) & (turn.kind[row] < mix.first_breach)
    kind = np.where(same, turn.kind[row], common)
    supervised = np.maximum(turn.lives.licence_end, turn.lives.order_end)[row] >= turn.offended[row]
    breach = supervised & (stream.uniform("extra breach", key, when) < 0.25)
    return np.where(breach, mix.first_breach + stream.index("extra breach kind", key, (2, 2, 1), when), kind).astype(np.int64)


def _extra_disposals(turn: Turn, row: Ints, stream: Stream, key: Ints, when: Ints) -> Ints:
    """Never heavier than the main offence's; on a caution all are cautions."""
    given = turn.disposal[row]
    same = (when % 64 == 0) | (given == disposals.CAUTION) | (stream.uniform("extra disposal", key, when) < 0.6)
    return np.where(same, given, np.maximum(given, disposals.OTHER)).astype(np.int64)


def _lengths(turn: Turn, row: Ints, disposal: Ints, moved: Bools) -> Ints:
    """Days of custody or of the order; -1 where the disposal has no length."""
    custody = np.where(moved, turn.later_sentence[row], turn.sentence[row])
    order = turn.order_end[row] - turn.proven[row]
    return np.select([disposal == disposals.CUSTODY, disposal <= disposals.COMMUNITY], [custody, order], -1).astype(np.int64)


def _flags(stream: Stream, key: Ints, when: Ints, kind: Ints) -> Columns:
    """A few offences do not count: not recordable, outside England and Wales, prosecuted by others (fraud above all)."""
    fraud = offence_mix().group[kind] == "fraud"
    other = stream.uniform("prosecutor", key, when) < np.where(fraud, 0.2, 0.012)
    return {
        "recordable": (stream.uniform("recordable", key, when) < 0.988).astype(np.int64),
        "jurisdiction": stream.index("jurisdiction", key, (0.991, 0.006, 0.002, 0.001), when),
        "police": (~other).astype(np.int64),
    }
