"""Rows 1 to 5, 9 and 16: Caravan beside one-row INSERTs into the PostgreSQL it stands on."""

from statistics import median

from rows import at_least, at_most, middle, ratio, told
from setting import Setting

INSERT = "INSERT"
# Name, branches, further flags, concurrencies, and what is promised of the first two.
WORKLOADS = {
    "2 Saga": ("saga,saga", (), (1, 64, 256)),
    "2 TCC": ("tcc,tcc", (), (64, 256)),
    "1 TCC + 1 Saga on two levels": ("tcc,saga@1", (), (64,)),
    "2 Saga by steps": ("saga,saga", ("--route=steps",), (64,)),
    "2 Saga over HTTP": ("saga/http,saga/http", (), (1, 64, 256)),
    "1 Saga over gRPC + 1 over HTTP": ("saga,saga/http", (), (64, 256)),
}
CONCURRENCIES = (1, 64, 256)


def measure(sizes, note):
    """Rows, and all runs by workload and concurrency."""
    runs = {}
    with Setting(sizes) as setting:
        for alternation in range(sizes.alternations):
            for concurrency in CONCURRENCIES:
                for name in [INSERT, *WORKLOADS]:
                    if name == INSERT:
                        run = setting.insert(concurrency)
                    else:
                        branches, flags, concurrencies = WORKLOADS[name]
                        if concurrency not in concurrencies:
                            continue
                        run = setting.load(branches, concurrency, *flags)
                    runs.setdefault(name, {}).setdefault(concurrency, []).append(run)
                    note(f"{alternation + 1}: {name}, {concurrency}: {run['per_second']:.0f}/s")
    return list(rows(runs)), {"runs": runs}


def rows(runs):
    yield from throughput(1, "Execute of 2 Saga : INSERT", runs, "2 Saga", 1.0)
    yield from throughput(2, "Execute of 2 TCC : INSERT", runs, "2 TCC", 0.6)
    yield from throughput(
        3, "Execute of 1 TCC + 1 Saga on two levels : INSERT", runs,
        "1 TCC + 1 Saga on two levels", 0.7)
    yield from throughput(
        4, "Begin + Register + Commit of 2 Saga : INSERT", runs, "2 Saga by steps", 0.5)
    ours, theirs = middle(runs["2 Saga"][1], "p50"), middle(runs[INSERT][1], "p50")
    yield at_most(
        5, "p50 of Execute of 2 Saga, 1 caller", ours, round(2 * theirs + 0.4, 3), " ms",
        figures=f"2 × p50 of INSERT ({theirs:.3f} ms) + 0.4 ms")
    for concurrency in (64, 256):
        ours = median(run["cpu"]["coordinator"] for run in runs["2 Saga"][concurrency])
        theirs = median(run["cpu"]["postgres"] for run in runs[INSERT][concurrency])
        yield at_most(
            9, f"CPU of coordinator, 2 Saga : of PostgreSQL, INSERT, {concurrency} callers",
            ours / theirs, 1.0, "×", figures=f"{ours:.0f} µs : {theirs:.0f} µs")
    for name in ("2 Saga over HTTP", "1 Saga over gRPC + 1 over HTTP"):
        for concurrency in (64, 256):
            value, spread = ratio(runs[name][concurrency], runs["2 Saga"][concurrency])
            yield told(
                16, f"Execute of {name} : of 2 Saga over gRPC, {concurrency} callers", value,
                spread=spread, figures=f"{middle(runs[name][concurrency]):,.0f}/s : "
                f"{middle(runs['2 Saga'][concurrency]):,.0f}/s")


def throughput(number, what, runs, name, bound):
    for concurrency, ours in runs[name].items():
        if concurrency == 1:
            continue
        theirs = runs[INSERT][concurrency]
        value, spread = ratio(ours, theirs)
        yield at_least(
            number, f"{what}, {concurrency} callers", value, bound, spread=spread,
            figures=f"{middle(ours):,.0f}/s : {middle(theirs):,.0f}/s")
