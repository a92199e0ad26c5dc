"""Figures that textbooks and R's packages give for Rossi's, Wooldridge's and LaLonde's data.

Reference runs: R with glm(), WeightIt and survival; zEpid, statsmodels and lifelines gave the same figures. LaLonde: 185 trained
people, 15,992 of the survey; "linear" is the eight recorded covariates, "mixtape" (Cunningham 2021) adds squares, a cube, zero
indicators and educ x re74 (`lalonde_weighting.R`). Weighting: odds of an unpenalised logistic score, normalised (Hajek); our
score with a penalty of 1e-9 is that. Figures published with six digits are held to the last of them.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from examples.tables import RECID_COVARIATES as RECID
from examples.tables import lalonde, lalonde_benchmark, recid, rossi
from tests.known_answers.answers import Answer, Makers

from datalab.effects.cox import fit_hazard_ratio
from datalab.effects.influence import make_group
from datalab.effects.intervals import welch
from datalab.effects.life_table import make_life_table
from datalab.numerics import build_design, fit_ridge
from datalab.table import Covariate

ROSSI = ["age", "race", "wexp", "mar", "paro", "prio"]
LINEAR = ["age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75"]
PENALTY = 1e-9


def recid_table() -> pd.DataFrame:
    return recid()


def columns_of(table: pd.DataFrame, names: list[str] = RECID) -> tuple[Covariate, ...]:
    return tuple(Covariate(name, name, table[name].to_numpy(np.float64)) for name in names)


def mixtape(table: pd.DataFrame) -> pd.DataFrame:
    """The powers need wide numbers first: `age` comes as 8 bits, and its square would wrap around."""
    table = table.astype(float)
    return table.assign(
        agesq=table["age"] ** 2,
        agecube=table["age"] ** 3,
        educsq=table["educ"] ** 2,
        u74=(table["re74"] == 0) * 1.0,
        u75=(table["re75"] == 0) * 1.0,
        interaction=table["educ"] * table["re74"],
    )


def score(table: pd.DataFrame, treated: np.ndarray, names: list[str]) -> tuple[np.ndarray, float]:
    """Odds of being treated, and the log-likelihood of the score."""
    design = build_design(columns_of(table, names))
    logit = fit_ridge(design, treated.astype(float), "logistic", penalty=PENALTY).linear(design)
    return np.exp(logit), float(np.sum(treated * logit - np.logaddexp(0, logit)))


def weighted_difference(y: np.ndarray, treated: np.ndarray, odds: np.ndarray) -> float:
    return float(y[treated].mean() - np.average(y[~treated], weights=odds[~treated]))


def naive(y: np.ndarray, treated: np.ndarray) -> tuple[float, float]:
    """Difference of means and its classic error."""
    rows = np.arange(y.size)
    found = welch(*(make_group(y[g], np.zeros(g.sum()), np.ones(g.sum()), rows[g]) for g in (treated, ~treated)))
    return found.estimate, found.se


def _lalonde() -> list[Answer]:
    table = mixtape(lalonde())
    y, treated = table["re78"].to_numpy(float), table["treat"].to_numpy() == 1
    area, weightit = "LaLonde, trained against survey", "R 4.2.2, glm(), and WeightIt"
    found = [
        Answer(area, "experiment: trained less randomised controls, dollars", "Dehejia and Wahba 1999", (lalonde_benchmark(),),
               (1794.34,), 0.005 / 1794),
        Answer(area, "naive difference and its error", "R (HC2)", naive(y, treated), (-8497.52, 583.432), 0.005 / 583,
               "not the experiment's answer: the survey's people earned far more before"),
    ]  # fmt: skip
    extra = ["agesq", "agecube", "educsq", "u74", "u75", "interaction"]
    for name, columns, loglik, effect in (
        ("linear", LINEAR, -502.058565988, 1180.407845977),
        ("mixtape", LINEAR + extra, -404.159908942, 1782.208547549),
    ):
        odds, ours = score(table, treated, columns)
        found += [
            Answer(area, f"log-likelihood of the score, {name} terms", "R, glm()", (ours,), (loglik,), 1e-8),
            Answer(area, f"inverse probability weighting, {name} terms, dollars", weightit,
                   (weighted_difference(y, treated, odds),), (effect,), 1e-6),
        ]  # fmt: skip
    return found


def _recid() -> list[Answer]:
    table = recid()
    treated, returned = table["workprg"].to_numpy() == 1, table["returned"].to_numpy(float)
    odds, loglik = score(table, treated, RECID)
    weights = np.where(treated, 1.0, odds)
    rows, time = np.arange(treated.size), table["durat"].to_numpy(float)
    plain, weighted = (fit_hazard_ratio(time, returned == 1, treated, w, rows) for w in (np.ones(rows.size), weights))
    area = "recid, work programme"
    return [
        Answer(area, "log-likelihood of the score", "R, glm()", (loglik,), (-902.71752932,), 1e-9),
        Answer(area, "naive difference of the share that returned, and its error", "R (HC2)", naive(returned, treated),
               (0.017501, 0.0256558), 1e-6),
        Answer(area, "inverse probability weighting", "R, WeightIt (weights of the ATT)",
               (weighted_difference(returned, treated, odds),), (0.0336168,), 1e-7),
        Answer(area, "Cox, unadjusted: log ratio", "R, coxph(), and lifelines", (math.log(plain.ratio),), (0.0457908,), 1e-7),
        Answer(area, "Cox, inverse probability weights: log ratio, robust error", "R, coxph(weights =, robust = TRUE)",
               (math.log(weighted.ratio), weighted.se_log), (0.0793795, 0.158465), 1e-6),
    ]  # fmt: skip


def _rossi() -> list[Answer]:
    table = rossi()
    treated, arrested = table["fin"].to_numpy() == 1, table["arrest"].to_numpy(float)
    odds, loglik = score(table, treated, ROSSI)
    week, rows = table["week"].to_numpy(float), np.arange(treated.size)
    ratio = fit_hazard_ratio(week, arrested == 1, treated, np.ones(rows.size), rows)
    shares = [
        make_life_table(week[g], arrested[g] == 1, np.ones(g.sum())).surviving_at(np.array([52.0]))[0]
        for g in (~treated, treated)
    ]
    area = "Rossi, aid on release"
    return [
        Answer(area, "share not arrested in 52 weeks, without and with aid", "R, survfit()", tuple(shares),
               (0.6944444, 0.7777778), 1e-7),
        Answer(area, "naive difference and its error", "R (HC2)", naive(arrested, treated), (-0.0833333, 0.0423183), 1e-7),
        Answer(area, "Cox, unadjusted: log ratio", "R, coxph(), and lifelines", (math.log(ratio.ratio),), (-0.369069,), 1e-6),
        Answer(area, "log-likelihood of the score", "R, glm()", (loglik,), (-297.29478416,), 1e-9),
        Answer(area, "inverse probability weighting", "R, WeightIt (weights of the ATT)",
               (weighted_difference(arrested, treated, odds),), (-0.0870549,), 1e-7),
    ]  # fmt: skip


PARTS: Makers = {"rossi": _rossi, "recid": _recid, "lalonde": _lalonde}
