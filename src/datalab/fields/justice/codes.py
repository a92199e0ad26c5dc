"""Code lists of the justice data: what each short code means. Lists that are long live in `datalab/data/`."""

from __future__ import annotations

Codes = tuple[tuple[str, str], ...]

SEX: Codes = (("M", "Male"), ("F", "Female"), ("U", "Not known"))

# The 16+1 self-defined codes used by the police and courts; group = the first letter.
ETHNICITY: Codes = (
    ("W1", "White: British"),
    ("W2", "White: Irish"),
    ("W9", "White: any other"),
    ("M1", "Mixed: White and Black Caribbean"),
    ("M2", "Mixed: White and Black African"),
    ("M3", "Mixed: White and Asian"),
    ("M9", "Mixed: any other"),
    ("A1", "Asian: Indian"),
    ("A2", "Asian: Pakistani"),
    ("A3", "Asian: Bangladeshi"),
    ("A9", "Asian: any other"),
    ("B1", "Black: Caribbean"),
    ("B2", "Black: African"),
    ("B9", "Black: any other"),
    ("O1", "Chinese"),
    ("O9", "Any other"),
    ("NS", "Not stated"),
)
ETHNICITY_GROUP: Codes = (
    ("white", "White"),
    ("mixed", "Mixed"),
    ("asian", "Asian"),
    ("black", "Black"),
    ("other", "Other"),
    ("unknown", "Not stated"),
)
GROUP_OF_ETHNICITY = {
    **{f"W{n}": "white" for n in (1, 2, 9)},
    **{f"M{n}": "mixed" for n in (1, 2, 3, 9)},
    **{f"A{n}": "asian" for n in (1, 2, 3, 9)},
    **{f"B{n}": "black" for n in (1, 2, 9)},
    "O1": "other",
    "O9": "other",
    "NS": "unknown",
}

REGION: Codes = (
    ("north_east", "North East"),
    ("north_west", "North West"),
    ("yorkshire", "Yorkshire and the Humber"),
    ("east_midlands", "East Midlands"),
    ("west_midlands", "West Midlands"),
    ("east", "East of England"),
    ("london", "London"),
    ("south_east", "South East"),
    ("south_west", "South West"),
    ("wales", "Wales"),
)

OCCASION_KIND: Codes = (("caution", "Caution"), ("conviction", "Conviction at court"))

# From the heaviest to the lightest: the order decides the principal offence of an occasion.
DISPOSAL: Codes = (
    ("custody", "Immediate custody"),
    ("suspended", "Suspended sentence order"),
    ("community", "Community order"),
    ("fine", "Fine"),
    ("discharge", "Absolute or conditional discharge"),
    ("other", "Other disposal at court"),
    ("caution", "Caution"),
)

MODE_OF_TRIAL: Codes = (
    ("indictable", "Indictable only"),
    ("either_way", "Triable either way"),
    ("summary", "Summary"),
)
JURISDICTION: Codes = (
    ("england_wales", "England or Wales"),
    ("scotland", "Scotland"),
    ("northern_ireland", "Northern Ireland"),
    ("elsewhere", "Elsewhere"),
)
PROSECUTOR: Codes = (("police", "Police"), ("other", "Another prosecutor"))
ORDER_KIND: Codes = (("community", "Community order"), ("suspended", "Suspended sentence order"))
BENEFIT: Codes = (
    ("JSA", "Jobseeker's Allowance"),
    ("ESA", "Employment and Support Allowance"),
    ("IB", "Incapacity Benefit"),
    ("IS", "Income Support"),
    ("UC", "Universal Credit"),
)
COVERAGE_KIND: Codes = (
    ("cohort", "Index dates in this window are allowed"),
    ("events", "The extract holds events from the first to the last date"),
)
IDENTITY_SOURCE: Codes = (("police", "Police record"), ("prison", "Prison record"), ("probation", "Probation record"))

# What brings a person into a cohort (design 2.1).
EVENT_KIND: Codes = (
    ("release", "Release from custody"),
    ("court_order", "Start of a community or suspended sentence order"),
    ("non_custodial", "Other conviction at court"),
    ("caution", "Caution"),
)
NEEDS = (
    ("accommodation", "Accommodation"),
    ("education_work", "Education, training and work"),
    ("relationships", "Relationships"),
    ("lifestyle", "Lifestyle and associates"),
    ("drugs", "Drug misuse"),
    ("alcohol", "Alcohol misuse"),
    ("emotional", "Emotional wellbeing"),
    ("thinking", "Thinking and behaviour"),
    ("attitudes", "Attitudes"),
)
