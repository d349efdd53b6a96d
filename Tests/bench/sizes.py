"""How long and how large each part of a run is."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Sizes:
    """Of the run whose figures count; it takes a quarter of an hour."""

    seconds: float = 4  # counted in each run
    warm_up: float = 1
    alternations: int = 5
    steady_seconds: int = 60  # at a fixed rate
    stored: int = 1_000_000  # finished transactions
    parked: int = 1_000_000  # transactions that wait for a retry
    live: int = 10_000  # transactions in memory
    recovered: int = 100_000  # transactions after a crash
    outage_seconds: int = 30  # of a dead participant


# To see that everything works: the figures mean nothing.
QUICK = Sizes(
    seconds=0.5, warm_up=0.2, alternations=1, steady_seconds=4, stored=20_000, parked=20_000,
    live=2_000, recovered=3_000, outage_seconds=3,
)


def add_flags(parser):
    """One flag for each size, such as --alternations."""
    for field in fields(Sizes):
        parser.add_argument(
            "--" + field.name.replace("_", "-"), type=field.type, metavar="N",
            help=f"(default: {field.default:,})")


def read(options):
    base = QUICK if options.quick else Sizes()
    return Sizes(**{
        field.name: getattr(base, field.name) if (given := getattr(options, field.name)) is None
        else given
        for field in fields(Sizes)
    })
