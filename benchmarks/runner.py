"""Runs in processes of their own, in turns."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterable
from statistics import median
from typing import Any

from rich.progress import track

from benchmarks.works import Work

__all__ = ["Samples", "compare", "cpu_seconds", "fresh", "run_peers"]

Samples = dict[str, list[dict[str, float]]]


def cpu_seconds(who: int) -> float:
    """Seconds of the processors so far, of ``resource.RUSAGE_SELF`` or ``RUSAGE_CHILDREN``."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def fresh(module: str, *arguments: object) -> dict[str, Any]:
    """Run a module that prints JSON in a process of its own, with nothing compiled before.

    Raises
    ------
    RuntimeError
        If it fails, with its last words.
    """
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        env={**os.environ, "MLP_COMPILE_CACHE": "off"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout.splitlines()[-1])


def run_peers(names: Iterable[str], n_runs: int) -> Samples:
    """Run every peer ``n_runs`` times, all in turn before any comes again.

    A peer that cannot run (skorch is not among the pins) has no samples.
    """
    names = list(dict.fromkeys(names))
    samples: Samples = {name: [] for name in names}
    for name in track([*names] * n_runs, description="running"):
        try:
            samples[name].append(fresh("benchmarks.peers", name))
        except RuntimeError as error:
            print(f"{name} did not run: {error}", file=sys.stderr)
    return samples


def compare(works: Iterable[Work], samples: Samples) -> list[dict[str, Any]]:
    """Compute the ratio of medians for each work whose peers both ran."""
    rows = []
    for work in works:
        ours = [sample[work.figure] for sample in samples.get(work.ours, [])]
        theirs = [sample[work.figure] for sample in samples.get(work.peer, [])]
        if ours and theirs:
            rows.append(
                {
                    "work": work.name,
                    "against": work.against,
                    "ours_seconds": median(ours),
                    "peer_seconds": median(theirs),
                    "ratio": median(theirs) / median(ours),
                    "aim": work.at_least,
                    "runs": min(len(ours), len(theirs)),
                }
            )
    return rows
