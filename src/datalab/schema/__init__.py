"""Building blocks of a schema: columns, tables, and what is generated from them."""

from datalab.schema.blocks import Check, Column, One, Table

__all__ = ["Check", "Column", "One", "Table"]
