"""How every number in a report is printed (design 2.8): one place for rounding, signs, symbols and bands.

Numbers come from a `Release`, so any of them may be `Suppressed`; NaN and infinity are printed as not applicable.
Rounding is half up on the decimal text of the number, so that 0.285 is 29 % on every machine.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

from datalab.disclosure.results import Number, Suppressed, band

MINUS = "\N{MINUS SIGN}"
NOT_APPLICABLE = "[z]"
MOST_DECIMALS = 6
P_LINE = 0.05


def is_shown(value: Number) -> bool:
    """True where `value` is a finite number that may be printed.

    >>> is_shown(0.2), is_shown(Suppressed()), is_shown(float("nan"))
    (True, False, False)
    """
    return not isinstance(value, Suppressed) and math.isfinite(value)


def symbol(value: Number) -> str:
    """The symbol that stands for a number that is not shown: its own, or `[z]` for NaN and infinity.

    >>> symbol(Suppressed()), symbol(float("inf"))
    ('[c]', '[z]')
    """
    return str(value) if isinstance(value, Suppressed) else NOT_APPLICABLE


def shown(value: Number) -> float:
    """`value` as a float; NaN where it is not shown (for comparisons, never for printing).

    >>> shown(3), shown(Suppressed())
    (3.0, nan)
    """
    return float(value) if not isinstance(value, Suppressed) else math.nan


def rounded(value: float, decimals: int = 0, shift: int = 0) -> Decimal:
    """`value` times 10**shift, rounded half up to `decimals`; never minus zero. Raises on NaN and infinity.

    >>> rounded(0.285, shift=2), rounded(-0.2), rounded(2.345, 2)
    (Decimal('29'), Decimal('0'), Decimal('2.35'))
    """
    exact = Decimal(repr(float(value))).scaleb(shift)
    result = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return abs(result) if result == 0 else result


def fixed(value: Number, decimals: int = 0, shift: int = 0, suffix: str = "") -> str:
    """`value` times 10**shift with `decimals`, thousands separated, a true minus sign, and `suffix`; or its symbol.

    >>> fixed(12345), fixed(-0.041, 0, 2, "%"), fixed(Suppressed()), fixed(-0.0001, 2)
    ('12,345', '−4%', '[c]', '0.00')
    """
    if not is_shown(value):
        return symbol(value)
    return f"{rounded(shown(value), decimals, shift):,f}".replace("-", MINUS) + suffix


def percent(share: Number, decimals: int = 0) -> str:
    """A share (0 to 1) as a percentage, whole unless told.

    >>> percent(0.274), percent(0.0512, 1)
    ('27%', '5.1%')
    """
    return fixed(share, decimals, 2, "%")


def percent_of_people(share: Number) -> str:
    """As `percent`, but "<1%" where some people would be rounded away.

    >>> percent_of_people(0.004), percent_of_people(0.0)
    ('<1%', '0%')
    """
    return "<1%" if shown(share) > 0 and rounded(shown(share), 0, 2) == 0 else percent(share)


def p_value(p: Number) -> str:
    """A p-value to 2 decimals, "<0.01" below that, and more decimals where 2 would print 0.05 for another value.

    >>> p_value(0.2), p_value(0.003), p_value(0.0496), p_value(0.0504)
    ('0.20', '<0.01', '0.0496', '0.0504')
    """
    if is_shown(p) and shown(p) < 0.01:
        return "<0.01"
    return fixed(p, p_decimals(p))


def p_decimals(p: Number) -> int:
    """Decimals that keep a p-value on its side of 0.05 when printed; 2 as a rule.

    >>> p_decimals(0.2), p_decimals(0.049)
    (2, 3)
    """
    decimals = 2
    while is_shown(p) and shown(p) != P_LINE and rounded(shown(p), decimals) == Decimal("0.05") and decimals < MOST_DECIMALS:
        decimals += 1
    return decimals


def interval_decimals(low: Number, high: Number, decimals: int = 0, shift: int = 0) -> int:
    """Decimals that keep 0 outside a printed interval when it is outside the true one; `decimals` as a rule.

    >>> interval_decimals(0.002, 0.06, 0, 2), interval_decimals(-0.002, 0.06, 0, 2)
    (1, 0)
    """
    if not (is_shown(low) and is_shown(high)) or shown(low) <= 0 <= shown(high):
        return decimals
    while decimals < MOST_DECIMALS and 0 in (rounded(shown(low), decimals, shift), rounded(shown(high), decimals, shift)):
        decimals += 1
    return decimals


def interval(low: Number, high: Number, decimals: int = 0, shift: int = 0) -> str:
    """ "lower to upper", with the decimals it was given (see `interval_decimals`).

    >>> interval(-0.071, -0.012, 0, 2), interval(Suppressed(), Suppressed())
    ('−7 to −1', '[c]')
    """
    if not (is_shown(low) and is_shown(high)):
        return symbol(low if not is_shown(low) else high)
    return f"{fixed(low, decimals, shift)} to {fixed(high, decimals, shift)}"


def parts_add_up(treated: Number, comparison: Number, difference: Number, decimals: int = 0, shift: int = 0) -> bool:
    """False where the printed treated and comparison values do not subtract to the printed difference.

    >>> parts_add_up(0.274, 0.316, -0.042, 0, 2), parts_add_up(0.274, 0.315, -0.041, 0, 2)
    (False, False)
    >>> parts_add_up(0.27, 0.31, -0.04, 0, 2)
    True
    """
    if not all(is_shown(value) for value in (treated, comparison, difference)):
        return True
    left, right, gap = (rounded(shown(value), decimals, shift) for value in (treated, comparison, difference))
    return left - right == gap


def smd_decimals(smd: Number) -> int:
    """Decimals (in percent) that keep a standardised difference in its band when printed; 1 as a rule.

    >>> smd_decimals(0.021), smd_decimals(0.05004)
    (1, 3)
    """
    decimals, size = 1, shown(smd)
    while is_shown(smd) and decimals < MOST_DECIMALS and band(float(rounded(size, decimals, 2).scaleb(-2))) != band(size):
        decimals += 1
    return decimals
