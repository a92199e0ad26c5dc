"""THE description of the central justice records: nine tables of people and events, and what has been loaded.

A central folder holds one Parquet file a table (`person.parquet`, …) and `central.json` (`format`, `name`, `synthetic`).
"""

from __future__ import annotations

from datalab.fields.justice import codes
from datalab.schema import Check, Column, One, Table

PNC_PATTERN = r"^\d{4}/\d{7}[A-HJ-NP-RT-Z]$"
PRISON_NUMBER_PATTERN = r"^[A-Z]\d{4}[A-Z]{2}$"
POSTCODE_PATTERN = r"^[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}$"


def _person_id(meaning: str = "The person") -> Column:
    return Column("person_id", "text", meaning, references="person.person_id", identifies=True)


PERSON = Table(
    name="person",
    row="person",
    key=("person_id",),
    columns=(
        Column("person_id", "text", "Central number of the person; means nothing outside these records", identifies=True),
        Column(
            "tax_identity",
            "date",
            "Day since which the person is known to the tax and benefit records; empty: not known there",
            nullable=True,
        ),
        Column("date_of_death", "date", "Day of death", nullable=True, identifies=True),
        Column("sex", "text", "Recorded sex", allowed=codes.SEX, may_leave=True),
        Column("ethnicity", "text", "Self-defined ethnicity, 16+1 codes", allowed=codes.ETHNICITY, may_leave=True),
        Column(
            "ethnicity_group", "text", "Ethnicity in five groups and not stated", allowed=codes.ETHNICITY_GROUP, may_leave=True
        ),
        Column("uk_national", "boolean", "Recorded as a national of the United Kingdom", nullable=True, may_leave=True),
        Column("date_of_birth", "date", "Filed date of birth", identifies=True),
        Column("first_sanction_date", "date", "Day of the first caution or conviction ever", nullable=True),
    ),
    provenance="One row for each person with a police record who was cautioned or convicted, made by linking police, prison and probation records.",
    lag="About three months from the sanction to the extract.",
    missing="People never cautioned or convicted; people known only to forces outside England and Wales.",
    caveats="Two records of one person that nobody has joined stand as two people. Deaths abroad are often not recorded.",
    checks=(
        Check(
            "born_before_sanction",
            "first_sanction_date is null or first_sanction_date > date_of_birth",
            "A person is born before the first sanction",
        ),
        Check("born_before_death", "date_of_death is null or date_of_death >= date_of_birth", "A person is born before death"),
    ),
)

IDENTITY = Table(
    name="identity",
    row="known identity of a person (filed or alias)",
    key=("identity_id",),
    columns=(
        Column("identity_id", "text", "Number of this identity", identifies=True),
        _person_id(),
        Column("forename", "text", "First forename", nullable=True, identifies=True),
        Column("middle_names", "text", "Further forenames", nullable=True, identifies=True),
        Column("surname", "text", "Surname", nullable=True, identifies=True),
        Column("date_of_birth", "date", "Date of birth used", nullable=True, identifies=True),
        Column("sex", "text", "Recorded sex", allowed=codes.SEX),
        Column("postcode", "text", "Last known postcode", nullable=True, identifies=True),
        Column(
            "pnc_id",
            "text",
            "Police National Computer number, canonical form",
            nullable=True,
            pattern=PNC_PATTERN,
            identifies=True,
        ),
        Column("prison_number", "text", "Prison number", nullable=True, pattern=PRISON_NUMBER_PATTERN, identifies=True),
        Column("source", "text", "Which record the identity comes from", allowed=codes.IDENTITY_SOURCE),
        Column("is_alias", "boolean", "False for the filed identity, true for any other name or date of birth used"),
    ),
    provenance="Names, dates of birth and identifiers as each service holds them.",
    lag="As the service's own record.",
    missing="Postcodes of people without a home; prison numbers of people never received into prison.",
    caveats="Placeholders stand in old records (1 January, NF1 1NF). Exactly one identity of a person is filed (is_alias false).",
    ones=(One("one_filed_identity", "person_id", "not is_alias", "Every person has exactly one filed identity"),),
)

OCCASION = Table(
    name="occasion",
    row="caution or court appearance",
    key=("occasion_id",),
    columns=(
        Column("occasion_id", "text", "Number of the occasion", identifies=True),
        _person_id(),
        Column("date", "date", "Day of the caution or of the sentence"),
        Column("kind", "text", "Caution or conviction", allowed=codes.OCCASION_KIND, may_leave=True),
        Column("court_outcome", "text", "Heaviest disposal of the occasion", allowed=codes.DISPOSAL, may_leave=True),
        Column("area", "text", "Region of the court or force", allowed=codes.REGION, may_leave=True),
    ),
    provenance="Police National Computer, entered by forces and courts.",
    lag="Weeks; a few arrive months later.",
    missing="Penalty notices and other outcomes that are not a caution or conviction.",
    caveats="Several hearings of one case stand as one occasion, dated at sentence.",
)

OFFENCE = Table(
    name="offence",
    row="proven offence",
    key=("offence_id",),
    columns=(
        Column("offence_id", "text", "Number of the offence", identifies=True),
        Column("occasion_id", "text", "Occasion that dealt with it", references="occasion.occasion_id", identifies=True),
        _person_id(),
        Column("offence_date", "date", "Day on which it was committed (the first day, if it went on)"),
        Column("code", "text", "Home Office offence code, five digits", pattern=r"^\d{5}$", may_leave=True),
        Column("mode_of_trial", "text", "Class of court that may try it", allowed=codes.MODE_OF_TRIAL, may_leave=True),
        Column("recordable", "boolean", "Recordable on the Police National Computer"),
        Column("jurisdiction", "text", "Where it was committed", allowed=codes.JURISDICTION),
        Column("prosecutor", "text", "Who prosecuted", allowed=codes.PROSECUTOR),
        Column("is_breach", "boolean", "Breach of an order, licence or bail, or failure to surrender"),
        Column("disposal", "text", "What was given for it", allowed=codes.DISPOSAL, may_leave=True),
        Column("disposal_days", "integer", "Length of the disposal", unit="days", nullable=True, minimum=0, maximum=36500),
        Column("is_principal", "boolean", "The offence with the heaviest disposal of its occasion; exactly one an occasion"),
    ),
    provenance="Police National Computer.",
    lag="As the occasion.",
    missing="Offences never proven; summary offences that are not recordable.",
    caveats="The offence date may be weeks or years before the occasion.",
    ones=(One("one_principal", "occasion_id", "is_principal", "Every occasion has exactly one principal offence"),),
)

CUSTODY = Table(
    name="custody",
    row="custodial spell",
    key=("spell_id",),
    columns=(
        Column("spell_id", "text", "Number of the spell", identifies=True),
        _person_id(),
        Column("occasion_id", "text", "Occasion that gave the sentence", references="occasion.occasion_id", identifies=True),
        Column("start", "date", "First day in custody"),
        Column("release", "date", "Day of release; empty: still in custody at the end of the extract", nullable=True),
        Column("establishment", "text", "Prison released from", may_leave=True),
        Column("sentence_days", "integer", "Length of the sentence given", unit="days", minimum=1, maximum=36500),
    ),
    provenance="Prison records.",
    lag="Days.",
    missing="Time in police cells; remand that did not lead to a sentence.",
    caveats="Spells of one person may nest or overlap (a recall during a new sentence).",
    checks=(Check("start_before_release", "release is null or release >= start", "A spell starts before its release"),),
)

COURT_ORDER = Table(
    name="court_order",
    row="community or suspended sentence order",
    key=("order_id",),
    columns=(
        Column("order_id", "text", "Number of the order", identifies=True),
        _person_id(),
        Column("occasion_id", "text", "Occasion that gave the order", references="occasion.occasion_id", identifies=True),
        Column("kind", "text", "Kind of order", allowed=codes.ORDER_KIND, may_leave=True),
        Column("start", "date", "First day (the day of sentence)"),
        Column("end", "date", "Last day; empty: still running", nullable=True),
        Column("unpaid_work", "boolean", "Requires unpaid work"),
        Column("supervision", "boolean", "Requires supervision or rehabilitation activity"),
        Column("programme", "boolean", "Requires an accredited programme"),
        Column("treatment", "boolean", "Requires drug, alcohol or mental-health treatment"),
        Column("curfew", "boolean", "Requires a curfew"),
        Column("region", "text", "Probation region", allowed=codes.REGION, may_leave=True),
    ),
    provenance="Probation records.",
    lag="Weeks.",
    missing="Orders supervised outside England and Wales.",
    caveats="The end is the planned end until the order is closed.",
    checks=(Check("start_before_end", '"end" is null or "end" >= start', "An order starts before it ends"),),
)

ASSESSMENT = Table(
    name="assessment",
    row="needs assessment",
    key=("assessment_id",),
    columns=(
        Column("assessment_id", "text", "Number of the assessment", identifies=True),
        _person_id(),
        Column("date", "date", "Day of the assessment"),
        *(
            Column(
                name,
                "integer",
                f"{label}: section score, higher is more need",
                unit="points",
                nullable=True,
                minimum=0,
                maximum=10,
            )
            for name, label in codes.NEEDS
        ),
    ),
    provenance="Structured assessment by prison and probation staff.",
    lag="Days.",
    missing="About a quarter to a third of people have none; people with short or light sentences are seldom assessed.",
    caveats="Scores reflect the assessor too. Later assessments follow what happened since.",
)

EMPLOYMENT = Table(
    name="employment",
    row="spell of employment for pay",
    key=("employment_id",),
    columns=(
        Column("employment_id", "text", "Number of the spell", identifies=True),
        _person_id(),
        Column("start", "date", "First day"),
        Column("end", "date", "Last day; empty: still employed", nullable=True),
    ),
    provenance="Tax records (pay as you earn).",
    lag="Up to a year for small employers.",
    missing="Self-employment, cash work, pay under the reporting threshold.",
    caveats="Dates may be those of the tax year where the employer gave none.",
    checks=(Check("start_before_end", '"end" is null or "end" >= start', "A spell starts before it ends"),),
)

BENEFIT = Table(
    name="benefit",
    row="spell on one out-of-work benefit",
    key=("benefit_id",),
    columns=(
        Column("benefit_id", "text", "Number of the spell", identifies=True),
        _person_id(),
        Column("benefit", "text", "Which benefit", allowed=codes.BENEFIT, may_leave=True),
        Column("start", "date", "First day"),
        Column("end", "date", "Last day; empty: still paid", nullable=True),
    ),
    provenance="Benefit payment records.",
    lag="Weeks.",
    missing="Benefits not paid for being out of work; housing support.",
    caveats="Spells of different benefits may overlap.",
    checks=(Check("start_before_end", '"end" is null or "end" >= start', "A spell starts before it ends"),),
)

COVERAGE = Table(
    name="coverage",
    row="loaded window of a dataset",
    key=("dataset", "kind", "first_date"),
    columns=(
        Column("dataset", "text", "Which dataset: reoffending, employment, benefit or assessment"),
        Column("kind", "text", "What the window allows", allowed=codes.COVERAGE_KIND),
        Column("first_date", "date", "First day"),
        Column("last_date", "date", "Last day"),
    ),
    provenance="Written by the data steward at each load.",
    lag="None.",
    missing="Nothing: a dataset without a window counts as not loaded.",
    caveats="Several windows of one dataset, with gaps, are usual.",
    checks=(Check("first_before_last", "first_date <= last_date", "A window starts before it ends"),),
)

TABLES = (PERSON, IDENTITY, OCCASION, OFFENCE, CUSTODY, COURT_ORDER, ASSESSMENT, EMPLOYMENT, BENEFIT, COVERAGE)
