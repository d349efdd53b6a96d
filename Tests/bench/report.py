"""The figures as a page: docs/benchmarks.md."""

from statistics import median

from rows import NOT_MEASURED
from setting import CONNECTIONS

WHO = ["coordinator", "postgres", "participants", "load generator"]
FSYNC_MICROSECONDS_MAX = 500
# Beside the page.
PICTURE = "benchmarks.svg"
# More than this for others spoils the figures.
OTHERS_MAX = 0.1


def markdown(results):
    sections = [
        ["# Benchmarks", "", introduction(results)],
        ["## What is promised", "", *promised(results)],
    ]
    if runs := results["parts"].get("comparison", {}).get("runs"):
        sections += [
            ["## Throughput and latency", "", *throughput(runs)],
            ["## What a transaction costs", "", *costs(runs)],
        ]
    if "svg" in results["parts"].get("curve", {}):
        sections.append([
            "## Over concurrency", "",
            f"![Throughput and latency over concurrency, Execute of 2 Saga]({PICTURE})", ""])
    sections += [
        ["## Where", "", *where(results)],
        ["## Again", "", AGAIN],
    ]
    return "\n".join(line for section in sections for line in section)


INTRODUCTION = """\
Made by `make bench`; not edited by hand.

A transaction here has two branches with payloads of 200 bytes, if nothing else is said;
participants answer at once and remember nothing. INSERT is the cheapest durable thing that
PostgreSQL does: committing one row of 200 bytes by itself (`pgbench -n -f insert.sql`, a session for
each caller; Caravan's callers share {connections} connections). Load generator, participants,
coordinator and PostgreSQL share the machine; PostgreSQL has `max_connections = 300` and all else at
its default, so fsync and synchronous_commit are on.

What is compared takes turns; runs of {seconds:g} s each after {warm_up:g} s, alternations:
{alternations}. A figure is the median, and behind a ratio stand the lowest and the highest of runs
that followed each other. Times are those to the final outcome.
"""

AGAIN = """\
    make bench          # all of it
    make bench-large    # row 10 with 10,000,000 stored transactions; takes 40 GB of disk

or `Tests/bench/run --help` for some parts, other sizes, or all of it in one or two minutes. Any other
load on the machine spoils the figures.
"""

QUICK = """\
**This was a quick run, to see that everything works. Its figures mean nothing.**
"""


def introduction(results):
    text = INTRODUCTION.format(**results["sizes"], connections=CONNECTIONS)
    return QUICK + "\n" + text if results["is_quick"] else text


def promised(results):
    fsync = results["fsync"].get("fdatasync", 0)
    is_slow = fsync > FSYNC_MICROSECONDS_MAX
    rows = [["row", "what", "measured", "target", "met", "figures"]]
    for row in sorted(results["rows"], key=lambda row: int(str(row.number).split()[0])):
        met = {True: "yes", False: "NO", None: "?" if row.measured == NOT_MEASURED else "–"}[row.met]
        if is_slow and "64 callers" in row.what:
            met = "does not count"
        rows.append([str(row.number), row.what, row.measured, row.target, met, row.figures])
    yield from table(rows, left=(1, 5))
    met = sum(row.met is True for row in results["rows"])
    count = sum(row.target != "–" for row in results["rows"])
    yield f"{met} of {count} are met."
    yield ""
    if is_slow:
        yield (
            f"An fsync takes {fsync:.0f} µs on this disk. What is measured with 64 callers counts"
            f" only where it takes {FSYNC_MICROSECONDS_MAX} µs or less.")
    yield other_load(results)
    yield ""


def other_load(results):
    """What others had of the processors while Caravan was measured."""
    shares = sorted(share for share in _find(results["parts"], "others"))
    if not shares:
        return ""
    text = (
        "Other programs, and other machines on the same hardware, had"
        f" {median(shares) * 100:.1f} % of the CPU during these runs,"
        f" {shares[-1] * 100:.1f} % at most.")
    if median(shares) > OTHERS_MAX:
        text += " **That is too much: these figures are not to be trusted.**"
    return text


def _find(values, key):
    """All values of a key, however deep."""
    if isinstance(values, dict):
        if key in values:
            yield values[key]
        values = list(values.values())
    if isinstance(values, list):
        for value in values:
            yield from _find(value, key)


def throughput(runs):
    rows = [["", "callers", "a second", "of INSERT", "p50 ms", "p99 ms", "errors"]]
    for name, by_concurrency in runs.items():
        for concurrency, each in by_concurrency.items():
            insert = median(run["per_second"] for run in runs["INSERT"][concurrency])
            rate = median(run["per_second"] for run in each)
            rows.append([
                name, str(concurrency), f"{rate:,.0f}", f"{rate / (insert or 1):.2f}×",
                f"{median(run['p50'] for run in each):.2f}",
                f"{median(run['p99'] for run in each):.2f}",
                percent(max(run.get("errors", 0) for run in each)),
            ])
    yield from table(rows, left=(0,))


COSTS = """\
For each transaction, or INSERT. Durable writes are commits of PostgreSQL; they fall below one where
many transactions share one. CPU is in microseconds; the load generator of INSERT is pgbench.
"""


def costs(runs):
    yield COSTS
    rows = [["", "callers", "durable writes", "WAL bytes", *WHO, "CPU in all"]]
    for name, by_concurrency in runs.items():
        for concurrency, each in by_concurrency.items():
            cpu = [median(run["cpu"].get(who, 0) for run in each) for who in WHO]
            if name == "INSERT":
                # Nobody works for these two then.
                cpu[0] = cpu[2] = 0
            rows.append(
                [name, str(concurrency), f"{median(run['commits'] for run in each):.2f}",
                 f"{median(run['wal_bytes'] for run in each):,.0f}"]
                + [f"{value:.0f}" for value in [*cpu, sum(cpu)]])
    yield from table(rows, left=(0,))


def where(results):
    machine, versions = results["machine"], results["versions"]
    syncs = ", ".join(f"{name} {value:.0f} µs" for name, value in results["fsync"].items())
    loads = ", ".join(f"{load}" for load in machine["load"])
    took = ", ".join(f"{name} {minutes:.1f}" for name, minutes in results["minutes"].items())
    yield f"- {machine['cores']} cores of {machine['processor']}, {machine['memory']} of memory"
    yield f"- load of the machine before the first run: {loads} (over 1, 5, 15 minutes)"
    yield f"- {machine['kernel']}; {versions['postgres']}; {versions['swift']}"
    yield f"- {versions['nghttp2'] or 'no nghttpd'}"
    yield f"- `pg_test_fsync`, one 8 kB write: {syncs} (PostgreSQL uses fdatasync)"
    yield f"- Caravan {versions['caravan']}, {versions['commit']}"
    yield f"- minutes it took: {sum(results['minutes'].values()):.1f}; {took}"
    yield ""


def percent(share):
    return "0" if not share else f"{share * 100:.1f} %"


def table(rows, left=()):
    """Columns stand under each other on a terminal, too."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths))]
        lines.append("| " + " | ".join(cells) + " |")
    rule = "|" + "|".join(
        "-" * (width + 2) if column in left else "-" * (width + 1) + ":"
        for column, width in enumerate(widths)) + "|"
    return [lines[0], rule, *lines[1:], ""]
