"""``python -m benchmarks``: measure, and write results.json, results.md and results.svg."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from benchmarks.history import Headline
from benchmarks.machine import FASHION_FLOP, describe_machine
from benchmarks.report import report_path, write_report
from benchmarks.runner import compare, run_peers
from benchmarks.works import WORKS


def markdown(machine: dict[str, object], rows: list[dict[str, Any]]) -> str:
    """Write the comparisons as a table for people."""
    lines = [
        "# Speed",
        "",
        "Seconds are medians of alternating runs, each in a process of its own, start-up left out "
        "and compiling left in. `make bench` repeats them.",
        "",
        f"Read on {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['peak_gflops']} GFLOP/s in a float32 matrix product.",
        "",
        "| work (batch 32) | against | ours, s | theirs, s | times as fast | aim |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {row['work']} | {row['against']} | {row['ours_seconds']:.3g} | "
        f"{row['peer_seconds']:.3g} | **{row['ratio']:.1f}** | {row['aim']:g} |"
        for row in rows
    ]
    floor = 54_000 * FASHION_FLOP / 1e9 / float(str(machine["peak_gflops"]))
    lines += ["", f"The arithmetic floor of the Fashion-MNIST epoch here is {floor:.2f} s."]
    return "\n".join(lines) + "\n"


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw the ratios as bars, with a mark at each aim."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot as plt

    labels = [f"{row['work']}\nagainst {row['against']}" for row in rows][::-1]
    figure, axes = plt.subplots(figsize=(9, 0.7 * len(rows) + 1), layout="constrained")
    axes.barh(labels, [row["ratio"] for row in rows][::-1], color="#0072B2")
    axes.plot([row["aim"] for row in rows][::-1], labels, "|", color="#D55E00", ms=18, mew=3)
    axes.axvline(1, color="#6b7280", linewidth=1)
    axes.set_xscale("log")
    axes.set_xlabel("times as fast (bar), aim (mark)")
    axes.tick_params(axis="y", labelsize=8)
    figure.savefig(path)


@click.command()
@click.option("--runs", default=3, show_default=True, help="Runs of each peer.")
@click.option("--only", multiple=True, help="Only works whose peers begin so, e.g. housing.")
def main(runs: int, only: tuple[str, ...]) -> None:
    """Measure speed side by side."""
    works = [work for work in WORKS if not only or work.ours.startswith(only)]
    machine = describe_machine()
    samples = run_peers([name for work in works for name in (work.ours, work.peer)], runs)
    rows = compare(works, samples)
    text = markdown(machine, rows)
    if not only:
        headlines = [
            Headline(f"{row['work']}, times as fast as {row['against']}", row["ratio"], "higher")
            for row in rows
        ]
        write_report("results", {"rows": rows, "samples": samples}, text, headlines)
        plot(rows, report_path("results", ".svg"))
    else:
        click.echo(text)


if __name__ == "__main__":
    main()
