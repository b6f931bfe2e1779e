"""What a user waits for around the training: ``python -m benchmarks.startup``.

The command ``grid`` on digits as a user starts it, in a new folder with a new database and nothing
compiled before, seen from outside: seconds until the first epoch is on disk, until the last line is
printed and until the prompt is back; beside it ``import estimators`` and an input error. With
``--against FOLDER`` another checkout takes its turns.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median

import click

from benchmarks.history import Headline
from benchmarks.report import write_report
from benchmarks.runner import cpu_seconds

__all__ = ["main", "markdown", "watch"]

_SECONDS_BETWEEN_LOOKS = 0.01
_MARKS = {
    "first_epoch": "the first epoch",
    "last_line": "the last line",
    "prompt": "the prompt",
    "after_last_line": "from the last line to the prompt",
    "cpu": "CPU seconds in all",
    "import": "`import estimators`",
    "input_error": "an input error",
}
_IMPORT = [sys.executable, "-c", "import estimators"]
_GRID = [sys.executable, "-m", "pipelines", "grid"]
_ERROR = [*_GRID, "--metrics=acuracy"]


def watch(command: Iterable[str], root: Path) -> dict[str, float]:
    """Run a command of a checkout in a new folder.

    Parameters
    ----------
    command : iterable of str
    root : Path
        Of the checkout.

    Returns
    -------
    dict of str to float
        Seconds from its start: "first_epoch" and "last_line", where they come, and "prompt"; and
        "cpu", those of the processors, the command's children included that it has waited for.
    """
    marks: dict[str, float] = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        own = {"PYTHONPATH": str(root), "MLP_COMPILE_CACHE": str(Path(folder, "compiled"))}
        others = {name: os.environ[name] for name in os.environ if not name.startswith("MLFLOW_")}
        before, began = cpu_seconds(resource.RUSAGE_CHILDREN), time.monotonic()
        process = subprocess.Popen(
            [*command],
            cwd=folder,
            env={**others, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

        def see_first_epoch() -> None:
            while process.poll() is None and "first_epoch" not in marks:
                if any(Path(folder).glob(".searches/*/epochs-*.jsonl")):
                    marks["first_epoch"] = time.monotonic() - began
                time.sleep(_SECONDS_BETWEEN_LOOKS)

        watcher = threading.Thread(target=see_first_epoch)
        watcher.start()
        assert process.stdout is not None
        for _ in process.stdout:
            marks["last_line"] = time.monotonic() - began
        process.wait()
        marks["prompt"] = time.monotonic() - began
        watcher.join()
        marks["cpu"] = cpu_seconds(resource.RUSAGE_CHILDREN) - before
    return marks


def _run(root: Path) -> dict[str, float]:
    marks = watch(_GRID, root)
    marks["after_last_line"] = marks["prompt"] - marks["last_line"]
    marks["import"] = watch(_IMPORT, root)["prompt"]
    marks["input_error"] = watch(_ERROR, root)["prompt"]
    return marks


def markdown(medians: Mapping[str, Mapping[str, float]], n_runs: int) -> str:
    """Write the medians as a table for people, a column a checkout."""
    lines = [
        "# What a user waits for",
        "",
        f"`python -m pipelines grid` on digits, each of {n_runs} runs in a new folder with a new "
        "database and nothing compiled before; medians of seconds from the start of the command.",
        "",
        f"| until | {' | '.join(medians)} |",
        f"| --- |{' ---: |' * len(medians)}",
    ]
    for mark, text in _MARKS.items():
        lines.append(f"| {text} | {' | '.join(f'{of[mark]:.2f}' for of in medians.values())} |")
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--runs", default=3, show_default=True, help="Runs of each checkout, by turns.")
@click.option(
    "--against",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of another checkout.",
)
def main(runs: int, against: Path | None) -> None:
    """Measure what a user waits for."""
    roots = {"now": Path(__file__).parents[1].resolve()}
    if against is not None:
        roots["before"] = against.resolve()
    samples: dict[str, list[dict[str, float]]] = {name: [] for name in roots}
    for _ in range(runs):
        for name, root in roots.items():
            samples[name].append(_run(root))
    medians = {
        name: {mark: median(sample[mark] for sample in taken) for mark in _MARKS}
        for name, taken in samples.items()
    }
    figures = {"samples": samples, "medians": medians, "load": os.getloadavg()}
    headlines = [
        Headline(f"{text}, s", medians["now"][mark], "lower") for mark, text in _MARKS.items()
    ]
    write_report("startup", figures, markdown(medians, runs), headlines)


if __name__ == "__main__":
    main()
