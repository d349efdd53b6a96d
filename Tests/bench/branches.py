"""Row 15: the time of a branch in a large transaction beside that in a small one."""

from rows import at_most, middle
from setting import Setting

MANY = 100


def measure(sizes, note):
    one, many = [], []
    with Setting(sizes) as setting:
        for _ in range(sizes.alternations):
            one.append(setting.load("saga", 1, seconds=sizes.seconds / 2))
            many.append(setting.load(f"saga*{MANY}", 1, seconds=sizes.seconds / 2))
            note(f"branches: {one[-1]['p50']:.2f} ms : {many[-1]['p50']:.2f} ms")
    each = middle(many, "p50") / MANY
    alone = middle(one, "p50")
    row = at_most(
        15, f"time of a branch, {MANY} in a transaction : 1", each / alone, 0.3, "×",
        figures=f"{each:.3f} ms : {alone:.3f} ms (p50, 1 caller)")
    return [row], {"one": one, "many": many}
