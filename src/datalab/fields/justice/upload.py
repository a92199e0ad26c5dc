"""THE description of a provider's upload: its columns, what each needs, placeholders, and limits (design 2.4)."""

from __future__ import annotations

from datetime import date

from datalab.fields.justice import codes
from datalab.fields.justice.identifiers import (
    PLACEHOLDER_POSTCODES,
    canonical_pnc,
    canonical_postcode,
    canonical_prison_number,
    clean_name,
    name_prefix,
)
from datalab.fields.justice.tables import PNC_PATTERN, POSTCODE_PATTERN, PRISON_NUMBER_PATTERN
from datalab.schema.blocks import Column
from datalab.schema.form import Field, Form

PLACEHOLDER_DATES = ("1900-01-01", "1901-01-01", "1970-01-01", "1899-12-31", "1899-12-30", "9999-12-31")
PLACEHOLDER_NAMES = ("UNKNOWN", "NOT KNOWN", "NO NAME", "TEST", "XX", "XXXX", "NK", "TBC")
SEX_ENTRIES = (
    ("m", "M"), ("male", "M"), ("man", "M"), ("1", "M"), ("f", "F"), ("female", "F"), ("woman", "F"), ("2", "F"),
    ("u", "U"), ("unknown", "U"), ("not known", "U"), ("not stated", "U"), ("9", "U"), ("0", "U"),
)  # fmt: skip


def _name(
    name: str, label: str, labels: str, meaning: str, *, example: str, synonyms: tuple[str, ...], required: bool = False
) -> Field:
    return Field(
        Column(name, "text", meaning, nullable=not required, identifies=True),
        "required" if required else "wanted",
        "name",
        label,
        labels,
        example=example,
        clean=clean_name,
        prefix=name_prefix,
        synonyms=synonyms,
        placeholders=PLACEHOLDER_NAMES if required else (),
    )


def _date(
    name: str, label: str, labels: str, meaning: str, *, example: str, synonyms: tuple[str, ...], required: bool = False
) -> Field:
    return Field(
        Column(name, "date", meaning, nullable=not required, identifies=True),
        "required" if required else "wanted",
        "date",
        label,
        labels,
        example=example,
        synonyms=synonyms,
        placeholders=PLACEHOLDER_DATES,
    )


def _prison_number(text: str, today: date) -> str | None:
    del today  # identifiers share one signature; only the PNC ID depends on the century
    return canonical_prison_number(text)


def _postcode(text: str, today: date) -> str | None:
    del today
    return canonical_postcode(text)


FIELDS = (
    Field(
        Column("reference", "text", "Your own number for the person, so that you can find the row again", nullable=True),
        "free",
        "text",
        "reference",
        "references",
        example="EX-001",
        synonyms=("id", "client_id", "participant_id", "ref", "case_number"),
    ),
    _name(
        "forename",
        "forename",
        "forenames",
        "First name",
        required=True,
        example="EXAMPLE",
        synonyms=("first_name", "firstname", "given_name", "fname"),
    ),
    _name(
        "middle_names",
        "middle name",
        "middle names",
        "Any other names between",
        example="",
        synonyms=("middle_name", "other_names"),
    ),
    _name(
        "surname",
        "surname",
        "surnames",
        "Family name",
        required=True,
        example="PERSON-ONE",
        synonyms=("last_name", "lastname", "family_name", "lname"),
    ),
    _date(
        "date_of_birth",
        "date of birth",
        "dates of birth",
        "Day of birth",
        required=True,
        example="29/02/1984",
        synonyms=("dob", "d.o.b", "birth_date", "birthdate", "birthday"),
    ),
    Field(
        Column("sex", "text", "Sex as the police or the prison record it", allowed=codes.SEX),
        "required",
        "code",
        "sex",
        "entries for sex",
        example="F",
        synonyms=("gender", "male/female", "m/f"),
        entries=SEX_ENTRIES,
    ),
    _date(
        "programme_start",
        "programme start",
        "programme starts",
        "First day on the programme",
        required=True,
        example="16/04/2012",
        synonyms=("start_date", "start", "date_started", "programme_start_date", "course_start"),
    ),
    _date(
        "programme_end",
        "programme end",
        "programme ends",
        "Last day on the programme",
        example="29/06/2012",
        synonyms=("end_date", "end", "date_ended", "programme_end_date", "course_end", "completion_date"),
    ),
    _date(
        "index_date",
        "index date",
        "index dates",
        "Day of release from prison, or of the community sentence or caution, that the programme goes with",
        example="13/07/2012",
        synonyms=("release_date", "sentence_date", "date_of_release", "date_released", "caution_date"),
    ),
    _date(
        "conviction_date",
        "conviction date",
        "conviction dates",
        "Day of the conviction that led to the sentence",
        example="20/01/2012",
        synonyms=("date_of_conviction", "convicted", "court_date"),
    ),
    Field(
        Column("pnc_id", "text", "Police National Computer number", nullable=True, pattern=PNC_PATTERN, identifies=True),
        "wanted",
        "identifier",
        "PNC ID",
        "PNC IDs",
        example="2000/0000223R",
        canonise=canonical_pnc,
        synonyms=("pnc", "pnc_number", "pncid", "pnc_no"),
    ),
    Field(
        Column("prison_number", "text", "Prison number", nullable=True, pattern=PRISON_NUMBER_PATTERN, identifies=True),
        "wanted",
        "identifier",
        "prison number",
        "prison numbers",
        example="A0000AA",
        canonise=_prison_number,
        synonyms=("noms_id", "noms", "noms_number", "nomis", "nomis_id", "prison_id"),
    ),
    Field(
        Column("postcode", "text", "Last postcode you know", nullable=True, pattern=POSTCODE_PATTERN, identifies=True),
        "wanted",
        "identifier",
        "postcode",
        "postcodes",
        example="AA9 9AA",
        canonise=_postcode,
        synonyms=("post_code", "zip", "address_postcode"),
        placeholders=PLACEHOLDER_POSTCODES,
    ),
    Field(
        Column("establishment", "text", "Prison or probation office where the programme ran", nullable=True),
        "wanted",
        "text",
        "establishment",
        "establishments",
        example="HMP EXAMPLE",
        synonyms=("prison", "hmp", "site", "location", "probation_office"),
    ),
)

UPLOAD = Form(
    fields=FIELDS,
    minimum_age_years=10,
    maximum_age_years=110,
    minimum_rows=60,
    examples=(
        tuple((field.name, field.example) for field in FIELDS),
        (
            ("reference", "EX-002"),
            ("forename", "SAMPLE"),
            ("surname", "O'FICTION"),
            ("date_of_birth", "01 Apr 1979"),
            ("sex", "M"),
            ("programme_start", "2012-05-21"),
            ("postcode", "AA9 9AA"),
            ("establishment", "HMP EXAMPLE"),
        ),
    ),
)
