"""The figures as a page: docs/benchmarks.md."""

WHO = ["coordinator", "postgres", "participants", "load generator"]


def markdown(results):
    return "\n".join(
        [
            "# Benchmarks",
            "",
            INTRODUCTION.format(**results),
            "## Throughput and latency",
            "",
            *throughput(results),
            "## What a transaction costs",
            "",
            *costs(results),
            "## Memory",
            "",
            *memory(results),
            "## Where",
            "",
            *where(results),
            "## Again",
            "",
            AGAIN,
        ]
    )


INTRODUCTION = """\
Made by `make bench`; not edited by hand.

A transaction here has two branches, is begun, registered and committed by one Execute, and is
answered at its end; participants answer at once and remember nothing. It is compared with the
cheapest durable thing PostgreSQL does: committing one row by itself (`pgbench -n -f insert.sql`, a
payload of 200 bytes, as each call of a branch has). Load generator, participants, coordinator and
PostgreSQL share the machine; PostgreSQL has `max_connections = 300` and all else at its default, so
fsync and synchronous_commit are on. Runs of {seconds} s take turns; figures are medians of
{alternations}.
"""

AGAIN = """\
    make bench

or `Tests/bench/run --help` for shorter and longer runs. Any other load on the machine spoils the
figures.
"""


def throughput(results):
    medians = results["medians"]
    workloads = [name for name in medians if name != "INSERT"]
    rows = [["callers", "INSERT/s", "p50 / p99 ms"]]
    for name in workloads:
        rows[0] += [f"{name}/s", "of INSERT", "p50 / p99 ms"]
    for concurrency in results["concurrencies"]:
        insert = medians["INSERT"][concurrency]
        cells = [str(concurrency), number(insert["per_second"]), times(insert)]
        for name in workloads:
            run = medians[name][concurrency]
            ratio = run["per_second"] / insert["per_second"] if insert["per_second"] else 0
            cells += [number(run["per_second"]), f"{ratio:.2f}×", times(run)]
        rows.append(cells)
    yield from table(rows)
    failed = [
        f"{name} at {concurrency}: {run['errors'] * 100:.2f} % errors, {run['rolled_back']:.0f}"
        " rolled back"
        for name in workloads
        for concurrency, run in medians[name].items()
        if run["errors"] or run["rolled_back"]
    ]
    yield "Errors and rollbacks: " + ("; ".join(failed) if failed else "none") + "."
    yield ""


COSTS = """\
For each transaction (or INSERT). Durable writes are commits of PostgreSQL, WAL syncs what the disk
was asked for; both fall below one where many transactions share one. Statements (BEGIN and COMMIT
count) and syncs are counted in runs of their own, because counting costs. CPU is in seconds for
each 1,000; the load generator of INSERT is pgbench.
"""


def costs(results):
    yield COSTS
    rows = [["", "callers", "durable writes", "statements", "WAL syncs", "WAL bytes"]]
    rows[0] += [f"CPU {who}" for who in WHO] + ["CPU in all"]
    for name, by_concurrency in results["medians"].items():
        for concurrency, run in by_concurrency.items():
            counted = results["statements"].get(name, {}).get(concurrency, {})
            cpu = [run["cpu"].get(who, 0) for who in WHO]
            if name == "INSERT":
                # Nobody works for these two then.
                cpu[0] = cpu[2] = 0
            cells = [name, str(concurrency), f"{run['commits']:.2f}"]
            cells += [
                f"{counted[what]:.2f}" if what in counted else "" for what in ("statements", "syncs")
            ]
            cells += [number(run["wal_bytes"])]
            rows.append(cells + [f"{seconds:.3f}" for seconds in [*cpu, sum(cpu)]])
    yield from table(rows)


def memory(results):
    rows = [["coordinator", "resident MiB", "of it anonymous", "peak"]]
    for name, title in (("idle", "after its start"), ("after", "after all runs")):
        figures = results["memory"][name]
        rows.append(
            [title] + [f"{figures[key]:.0f}" for key in ("resident", "anonymous", "peak")])
    yield from table(rows)
    yield f"{results['stored']:,} finished transactions are stored then."
    yield ""


def where(results):
    machine, versions = results["machine"], results["versions"]
    fsync = results["fsync"]
    syncs = ", ".join(f"{name} {value:.0f} µs" for name, value in fsync.items())
    yield f"- {machine['cores']} cores of {machine['processor']}, {machine['memory']} of memory"
    loads = ", ".join(f"{load}" for load in machine["load"])
    yield f"- load of the machine before the first run: {loads} (over 1, 5, 15 minutes)"
    yield f"- {machine['kernel']}; {versions['postgres']}; {versions['swift']}"
    yield f"- `pg_test_fsync`, one 8 kB write: {syncs} (PostgreSQL uses fdatasync)"
    yield f"- Caravan {versions['caravan']}, {versions['commit']}"
    yield ""


def times(run):
    return f"{run['p50']:.2f} / {run['p99']:.2f}"


def number(value):
    return f"{value:,.0f}"


def table(rows):
    """Columns stand under each other on a terminal, too."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.rjust(width) for cell, width in zip(row, widths)) + " |"
        for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 1) + ":" for width in widths) + "|"
    return [lines[0], rule, *lines[1:], ""]
