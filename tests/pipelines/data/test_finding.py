from __future__ import annotations

from pipelines.data import Finding, findings_table

ONE = Finding("identifier", ("a", "b"), "'a', 'b' name the row", "drop them")


def test_a_finding_is_a_sentence():
    assert str(ONE) == "'a', 'b' name the row: drop them."


def test_the_table_of_findings():
    table = findings_table([ONE, Finding("imbalance", (), "x", "y")])
    assert table.columns.tolist() == ["kind", "columns", "found", "what to do"]
    assert table.to_numpy().tolist() == [
        ["identifier", "a, b", "'a', 'b' name the row", "drop them"],
        ["imbalance", "", "x", "y"],
    ]
    assert findings_table([]).shape == (0, 4)
