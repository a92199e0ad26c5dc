"""Index events, clocks, the comparison pool and the attrition."""
