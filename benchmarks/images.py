"""How far each technique carries a perceptron on Fashion-MNIST: ``python -m benchmarks.images``.

A plain network, and one technique more from step to step, all for 30 epochs; then the preset fast
with mirrored images, with several seeds. All 60,000 images are for training (fast sets a tenth of
them aside to choose the epoch), and the 10,000 test images are scored once for each network. What
has been measured is kept after each fit; ``--fresh`` begins anew.
"""

from __future__ import annotations

from statistics import median
from typing import Any

import click
import pandas as pd

from benchmarks.history import Headline
from benchmarks.images_fit import BEST, STEPS
from benchmarks.machine import describe_machine
from benchmarks.report import kept_samples, write_figures, write_report
from benchmarks.runner import fresh

__all__ = ["markdown"]


def markdown(machine: dict[str, object], samples: list[dict[str, Any]]) -> str:
    """Write what each step gave as a report for people."""
    table = pd.DataFrame(samples).groupby("arm", sort=False).median(numeric_only=True)
    counts = pd.DataFrame(samples)["arm"].value_counts()
    lines = [
        "# Fashion-MNIST",
        "",
        "What each technique adds to a perceptron, from a plain one on, on the 10,000 test images. "
        "`python -m benchmarks.images` repeats it. The article that the studies reproduce has "
        "86.85 % of validation images at its best, the data set's own page 88.33 % for a "
        "perceptron and 89.8 % for boosted trees.",
        "",
        f"Read on {machine['cpu']}, {machine['cores']} cores.",
        "",
        "| network | accuracy, % | log loss | seconds | epochs | seeds |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for arm in [*STEPS, BEST]:
        if arm in table.index:
            row = table.loc[arm]
            name = arm if arm in (BEST, next(iter(STEPS))) else f"and {arm}"
            lines.append(
                f"| {name} | {100 * row.accuracy:.2f} | {row.log_loss:.3f} | {row.seconds:.0f} | "
                f"{row.epochs:.0f} | {counts[arm]} |"
            )
    lines += ["", "Of several seeds it is the median."]
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--seeds", default=3, show_default=True, help="Of the preset fast; a step has one.")
@click.option("--fresh", "anew", is_flag=True, help="Forget what was measured before.")
def main(seeds: int, anew: bool) -> None:
    """Measure, and write images.json and images.md."""
    samples = [] if anew else kept_samples("images")
    done = {(each["arm"], each["seed"]) for each in samples}
    wanted = [(BEST, seed) for seed in range(seeds)] + [(step, 0) for step in STEPS]
    for arm, seed in wanted:
        if (arm, seed) not in done:
            found = fresh("benchmarks.images_fit", arm, seed)
            samples.append({"arm": arm, "seed": seed, **found})
            write_figures("images", {"samples": samples})
    best = median(each["accuracy"] for each in samples if each["arm"] == BEST)
    headline = Headline("the preset fast, errors in %", 100 * (1 - best), "lower")
    text = markdown(describe_machine(), samples)
    write_report("images", {"samples": samples}, text, [headline])


if __name__ == "__main__":
    main()
