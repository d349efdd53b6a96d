"""What is promised of Caravan's speed, and what was measured of it."""

from dataclasses import dataclass
from statistics import median

NOT_MEASURED = "not measured"


@dataclass
class Row:
    number: int
    what: str
    measured: str
    target: str
    met: bool | None  # None: not measured, or nothing is promised
    figures: str = ""


def at_least(number, what, value, bound, unit="×", **more):
    return _row(number, what, value, bound, unit, "≥", value >= bound, **more)


def at_most(number, what, value, bound, unit, **more):
    return _row(number, what, value, bound, unit, "≤", value <= bound, **more)


def told(number, what, value, unit="×", **more):
    """A figure of which nothing is promised."""
    row = _row(number, what, value, 0, unit, "≥", None, **more)
    row.target = "–"
    return row


def not_measured(number, what, why):
    return Row(number, what, NOT_MEASURED, "", None, why)


def _row(number, what, value, bound, unit, sign, met, figures="", spread=None):
    measured = f"{value:.2f}{unit}"
    if spread:
        measured += f" ({spread[0]:.2f} to {spread[1]:.2f})"
    return Row(number, what, measured, f"{sign} {bound:g}{unit}", met, figures)


def ratio(runs, others, key="per_second"):
    """The ratio of two medians, and the spread of the ratios of runs that followed each other."""
    whole = median(run[key] for run in runs) / (median(run[key] for run in others) or 1)
    each = sorted(run[key] / (other[key] or 1) for run, other in zip(runs, others))
    return whole, (each[0], each[-1]) if len(each) > 1 else None


def middle(runs, key="per_second"):
    return median(run[key] for run in runs)
