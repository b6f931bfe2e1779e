from __future__ import annotations

import io

from rich.console import Console

from pipelines.ablation.console import print_ablation


def test_the_verdict_comes_first_and_all_fits_80_columns(judged, scores):
    file = io.StringIO()
    print_ablation(judged(scores), Console(file=file, width=80))
    lines = file.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert " ".join(lines[:2]).startswith(
        "Dropout carries the gain of best over plain; activation is not shown to matter."
    )
    (dropout,) = (line for line in lines if line.startswith("dropout"))
    assert dropout.split()[1:] == ["+24.95", "▲", "+25.05", "▲", "+30.00", "▲", "+100", "%"]
