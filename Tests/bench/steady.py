"""Row 6: latency at a fixed rate, with a checkpoint of PostgreSQL in between.

The checkpoint is PostgreSQL's own, begun because so much of the log was written, and spread over time
as its settings say. One that is commanded writes all at once, which nobody's server does by itself.
"""

from rows import at_most, middle
from setting import Setting

SHARE_OF_MAXIMUM = 0.7
CALLERS = 256
# So many that waiting shows in the latency, not in fewer transactions.
UNDER_WAY_MAX = 20_000


def measure(sizes, note):
    with Setting(sizes) as setting:
        runs = [setting.load("saga,saga", CALLERS) for _ in range(min(3, sizes.alternations))]
        maximum = middle(runs)
        rate = max(1, round(maximum * SHARE_OF_MAXIMUM))
        note(f"steady: {maximum:.0f}/s at most, {rate}/s for {sizes.steady_seconds} s")
        before = _checkpoints(setting)
        run = setting.load(
            "saga,saga", UNDER_WAY_MAX, f"--rate={rate}", seconds=sizes.steady_seconds)
        checkpoints = _checkpoints(setting) - before
    figures = f"{run['p99']:.1f} ms : {run['p50']:.1f} ms, {run['per_second']:,.0f}/s"
    figures += f", {checkpoints} checkpoint{'' if checkpoints == 1 else 's'} began"
    if run["errors"]:
        figures += f", errors {run['errors'] * 100:.2f} %"
    row = at_most(
        6, f"p99 : p50 at 70 % of the maximum, {sizes.steady_seconds} s",
        run["p99"] / run["p50"], 4, "×", figures=figures)
    return [row], {"maximum": maximum, "steady": run, "checkpoints": checkpoints}


def _checkpoints(setting):
    """How many began, by the server's log, which tells at once."""
    return setting.postgres.log.read_text(errors="replace").count("checkpoint starting")
