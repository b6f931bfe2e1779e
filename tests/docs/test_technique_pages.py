from __future__ import annotations

import importlib
from pathlib import Path

import pandas as pd
import pytest

from estimators.techniques import RECURRENT_TECHNIQUES, TECHNIQUES

STUDIES = Path(__file__).parents[2] / "docs" / "techniques"


@pytest.fixture
def pages(extensions):
    return importlib.import_module("technique_pages")


def technique(name):
    known = (*TECHNIQUES, *RECURRENT_TECHNIQUES)
    return next(one for one in known if type(one).__name__ == name)


@pytest.mark.parametrize(
    "one", [*TECHNIQUES, *RECURRENT_TECHNIQUES], ids=lambda one: type(one).__name__
)
def test_a_page_has_all_that_its_technique_says(pages, one):
    page = pages.technique_page(one)
    for hyperparameter in one.hyperparameters:
        assert f"\n``{hyperparameter.name}`` : " in page
    for rule in one.rules:
        assert f"* - {rule.name}\n" in page
    for reference in one.references:
        assert reference.url in page
    assert "]_" not in page  # citations are links


def test_places_of_values_have_the_names_of_hyperparameters(pages):
    page = pages.technique_page(technique("BatchNormalization"))
    assert "``dropout`` shifts the variance that ``batch_norm`` has learned (warning)" in page
    assert (
        "a batch of 1 row has no variance, so ``batch_norm`` turns every input into 0 (error)"
        in page
    )


def test_domains_are_written_as_in_a_space(pages):
    page = pages.technique_page(technique("Mixup"))
    assert "A search tries ``[0.0, 0.2, 0.5]``." in page
    assert "``mixup`` : float, default=``0.0``" in page


def test_arms_are_those_of_the_technique(pages):
    table = pd.read_csv(STUDIES / "fashion_mnist.csv")
    measured = pages.measured_arms(technique("BatchNormalization"), table)
    assert measured["arm"].tolist() == ["he normal, batch norm, relu"]
    assert measured["verdict"].tolist() == ["better"]
    assert measured["difference"].tolist() == pytest.approx([0.0202], abs=1e-4)


def test_rows_far_outside_are_left_out_where_the_study_does(pages):
    """With them batch normalization is 2.39 worse and nothing is shown; without, 0.15 and worse."""
    table = pd.read_csv(STUDIES / "california_housing.csv")
    measured = pages.measured_arms(technique("BatchNormalization"), table)
    assert measured["verdict"].tolist() == ["worse"]
    assert measured["difference"].tolist() == pytest.approx([0.1526], abs=1e-4)


def test_claims_are_those_about_the_technique(pages):
    report = (STUDIES / "fashion_mnist.md").read_text("utf-8")
    claims = pages.measured_claims(technique("GradientClipping"), report)
    assert ("Gradient clipping keeps a high learning rate from diverging.", "✓ supported") in [
        claim[:2] for claim in claims
    ]
    assert pages.measured_claims(technique("Mixup"), report) == []
    zeros = [claim[0] for claim in pages.measured_claims(technique("Initializer"), report)]
    assert "Networks whose weights begin as zeros or ones do not learn." in zeros


def test_the_index_leads_to_every_page(pages):
    known = (*TECHNIQUES, *RECURRENT_TECHNIQUES)
    index = pages.index_page(known)
    for one in known:
        assert f"<{pages.page_name(one)}>`" in index
        assert f"\n   {pages.page_name(one)}" in index


def test_what_has_not_changed_is_not_written_again(pages, tmp_path):
    stale = tmp_path / "generated" / "techniques" / "gone.rst"
    stale.parent.mkdir(parents=True)
    stale.touch()
    pages.write_pages(tmp_path)
    written = {path: path.stat().st_mtime_ns for path in stale.parent.iterdir()}
    assert stale not in written
    pages.write_pages(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in stale.parent.iterdir()} == written
