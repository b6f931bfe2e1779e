"""Runs of peers, each in a process of its own, in turns."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from statistics import median

from rich.progress import track

from benchmarks.works import Work

__all__ = ["Samples", "compare", "run_peers"]

Samples = dict[str, list[dict[str, float]]]


def run_peers(names: Iterable[str], n_runs: int) -> Samples:
    """Run every peer ``n_runs`` times, all in turn before any comes again.

    A peer that cannot run (skorch is not among the pins) has no samples.
    """
    names = list(dict.fromkeys(names))
    samples: Samples = {name: [] for name in names}
    for name in track([*names] * n_runs, description="running"):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.peers", name],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            samples[name].append(json.loads(done.stdout.splitlines()[-1]))
        else:
            print(f"{name} did not run: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
    return samples


def compare(works: Iterable[Work], samples: Samples) -> list[dict[str, object]]:
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
