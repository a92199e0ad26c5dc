"""Effects on the treated, their intervals, verdicts and survival curves."""
