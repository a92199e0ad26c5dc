"""A made-up country that obeys the schema, with known truth."""
