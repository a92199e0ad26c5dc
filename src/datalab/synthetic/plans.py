"""The study plan that goes with each made-up programme, as TOML text."""

from __future__ import annotations

from datetime import date

from datalab.fields.justice.covariates import FAMILIES
from datalab.fields.justice.measures import REOFFENDING
from datalab.synthetic.calendars import date_of
from datalab.synthetic.programmes import Programme

# Beside the eleven measures of reoffending.
FURTHER = (
    "violent_rate",
    "employed_any",
    "employed_1m",
    "employed_12m",
    "days_employed",
    "benefit_any",
    "days_on_benefit",
)
# What the plans part their people by: custody by site (its pools by region are small), orders by region.
PARTS = {"custody": ("sex", "group:site"), "community": ("sex", "region")}


def study_text(programme: Programme, *, seed: int, today: date) -> str:
    """A whole study file: the measures of everyone, headline the reoffending rate; then those who completed, and one
    analysis each for the levels of a variable or two."""
    outcomes = ",\n  ".join(f'"{name}"' for name in (*(measure.name for measure in REOFFENDING), *FURTHER))
    families = ", ".join(f'"{family}"' for family in FAMILIES)
    parts = "".join(f'\n[[analysis]]\neach = "{variable}"\n' for variable in PARTS[programme.setting])
    start, end = date_of(programme.start), date_of(programme.end)
    return f"""# Made up: a study of a programme in a country that does not exist.
format = 1
id     = "{programme.name}"
title  = "{programme.title}"
field  = "justice"
seed   = {seed}
today  = {today.isoformat()}

[inputs]
upload  = "../uploads/{programme.name}.xlsx"
central = "../central"

[programme]
kind    = "{programme.kind}"
setting = "{programme.setting}"
start   = {start.isoformat()}
end     = {end.isoformat()}

[cohort]
follow_up_months  = 12
minimum_age_years = 18
exclude           = []
region            = "national"

[matching]
method           = "radius"
caliper_sd_logit = 0.2
exact            = ["sex", "index_kind"]
families         = [{families}]
needs_design     = true

[[analysis]]
name     = "everyone"
headline = "rate"
outcomes = [
  {outcomes},
]

[[analysis]]
name  = "completers"
where = {{ "group:completed" = "yes" }}
{parts}"""
