from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline

from pipelines.data import Dataset
from pipelines.data.finding import DataWarning
from pipelines.errors import InputError
from pipelines.input_statistics import input_statistics
from pipelines.intervals import calibrate_intervals
from pipelines.plain_input import plain_input
from pipelines.prediction import predict_file
from pipelines.preprocessing import make_preprocessor


def rows(n_rows=200):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 90, n_rows).astype(float),
            "code": rng.choice(["007", "08", "x"], n_rows),
            "smoker": rng.random(n_rows) > 0.5,
            "when": pd.date_range("2024-01-01", periods=n_rows).strftime("%d.%m.%Y"),
        }
    )


def fitted(model, y, task):
    dataset = Dataset("d", rows(), y, task, "table", "a test", dates={"when": "%d.%m.%Y"})
    pipeline = Pipeline([("preprocessing", make_preprocessor(dataset)), ("model", model)])
    return pipeline.fit(dataset.X, y), input_statistics(dataset)


@pytest.fixture(scope="module")
def classifier():
    y = pd.Series(np.where(rows()["age"] + 20 * rows()["smoker"] > 60, "yes", "no"), name="y")
    return fitted(LogisticRegression(), y, "classification")


@pytest.fixture(scope="module")
def regressor():
    return fitted(LinearRegression(), rows()["age"] * 2, "regression")


@pytest.fixture
def few_rows_at_once(monkeypatch):
    monkeypatch.setattr("pipelines.prediction._MOST_ROWS", 70)
    monkeypatch.setattr("pipelines.prediction._FEWEST_ROWS", 7)


def save(table, path):
    if path.suffix == ".parquet":
        table.to_parquet(path, index=False)
    else:
        table.to_csv(path, index=False, sep="\t" if ".tsv" in path.name else ",")
    return path


def load(path):
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, sep="\t" if ".tsv" in path.name else ",")


@pytest.mark.parametrize(
    ("given", "written"),
    [("new.csv", "p.csv"), ("new.parquet", "p.csv.gz"), ("new.tsv.gz", "p.parquet")],
)
def test_classes_with_their_probabilities(tmp_path, classifier, few_rows_at_once, given, written):
    pipeline, statistics = classifier
    table = rows().assign(id=range(200), other="ignored")[
        ["other", "when", "id", *["code", "smoker", "age"]]
    ]
    output = tmp_path / "folder" / written
    done = predict_file(
        pipeline, save(table, tmp_path / given), output, statistics=statistics, keep=["id", "id"]
    )
    assert done.n_rows == 200
    assert done.drift.sentence() == ""
    predictions = load(output)
    assert list(predictions) == ["id", "prediction", "probability_no", "probability_yes"]
    assert predictions["id"].astype(int).tolist() == list(range(200))
    assert predictions["prediction"].tolist() == pipeline.predict(rows()).tolist()
    np.testing.assert_allclose(predictions.iloc[:, 2:], pipeline.predict_proba(rows()), rtol=1e-5)
    assert [path.name for path in output.parent.iterdir()] == [written]


def test_a_text_is_read_as_it_is_written(tmp_path, classifier, few_rows_at_once):
    pipeline, statistics = classifier
    table = rows().assign(age=rows()["age"] + 0.5, city="Łódź, Gdańsk, Żywiec")
    new, output = tmp_path / "new.csv", tmp_path / "p.csv"
    table.to_csv(new, index=False, sep=";", decimal=",", encoding="cp1250")
    predict_file(pipeline, new, output, statistics=statistics, keep=["city"])
    predictions = load(output)
    assert predictions["prediction"].tolist() == pipeline.predict(table[list(rows())]).tolist()
    assert set(predictions["city"]) == {"Łódź, Gdańsk, Żywiec"}


@pytest.mark.parametrize("written", ["p.csv", "p.parquet"])
def test_what_is_kept_is_written_as_it_was_read(tmp_path, classifier, few_rows_at_once, written):
    pipeline, statistics = classifier
    marks = ["", "007", "12"] * 66 + ["x", ""]
    marks[:70] = [""] * 70  # nothing in the first rows that are read
    new, output = tmp_path / "new.csv", tmp_path / written
    rows().assign(mark=marks, number=["1.50"] * 200).to_csv(new, index=False)
    predict_file(pipeline, new, output, statistics=statistics, keep=["mark", "number"])
    read = pd.read_parquet(output) if written == "p.parquet" else pd.read_csv(output, dtype=str)
    assert read["mark"].fillna("").tolist() == marks
    assert set(read["number"]) == {"1.50"}


def test_numbers(tmp_path, regressor):
    pipeline, statistics = regressor
    output = tmp_path / "p.csv"
    predict_file(pipeline, save(rows(), tmp_path / "new.csv"), output, statistics=statistics)
    predictions = load(output)
    assert list(predictions) == ["prediction"]
    np.testing.assert_allclose(predictions["prediction"], pipeline.predict(rows()), rtol=1e-5)


def test_numbers_with_intervals(tmp_path, regressor, few_rows_at_once):
    pipeline, statistics = regressor
    path = save(rows(), tmp_path / "new.csv")
    pipeline = Pipeline(pipeline.steps)
    calibrate_intervals(pipeline, rows(), rows()["age"] * 2 + np.arange(200) - 50)
    done = predict_file(pipeline, path, tmp_path / "p.csv", statistics=statistics, coverage=0.5)
    assert done.has_intervals
    written = load(tmp_path / "p.csv")
    assert list(written) == ["prediction", "lower", "upper"]
    # The errors in order are 0, twice each of 1 to 50, and more: the 101st is 50.
    np.testing.assert_allclose(written["prediction"] - written["lower"], 50, rtol=1e-5)
    np.testing.assert_allclose(written["upper"] - written["prediction"], 50, rtol=1e-5)
    done = predict_file(pipeline, path, tmp_path / "p.csv", statistics=statistics, coverage=0.999)
    assert not done.has_intervals
    assert list(load(tmp_path / "p.csv")) == ["prediction"]


def test_categories_are_what_they_were_in_training(tmp_path, classifier, few_rows_at_once):
    """Whatever else stands in the rows that are read at once."""
    pipeline, statistics = classifier
    smoker = pd.Series([None] + [True] * 199, dtype=object)
    new = rows().assign(code="007", smoker=smoker, when=None)
    path, output = save(new, tmp_path / "new.csv"), tmp_path / "p.csv"
    done = predict_file(pipeline, path, output, statistics=statistics)
    assert done.drift.table()["unseen rows"].sum() == 0
    expected = pipeline.predict_proba(new)
    np.testing.assert_allclose(
        load(output)[["probability_no", "probability_yes"]], expected, rtol=1e-5
    )


def test_drift_is_of_all_rows(tmp_path, classifier, few_rows_at_once):
    pipeline, statistics = classifier
    path = save(rows().assign(age=rows()["age"] + 40, code="z"), tmp_path / "new.csv")
    done = predict_file(pipeline, path, tmp_path / "p.csv", statistics=statistics)
    assert "in 'code' (1 in 200 of 200 rows)" in done.drift.sentence()
    assert "'age' (" in done.drift.sentence()
    assert predict_file(pipeline, path, tmp_path / "p.csv").drift is None


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (
            rows().rename(columns={"age": "Age"}),
            {},
            r"new.csv has no column 'age' \(did you mean 'Age'\?\), which the model was trained with",
        ),
        (
            rows().drop(columns=["age", "code"]),
            {},
            "new.csv has no columns 'age', 'code', which the model was trained with",
        ),
        (rows(), {"keep": ["ida"]}, "new.csv has no column 'ida' to keep"),
        (
            rows().assign(prediction=1),
            {"keep": ["code", "prediction"]},
            r"The predictions have a column 'prediction' of their own beside that of .*new.csv; rename",
        ),
        (
            rows().assign(age=[*[1] * 150, "many", *[2] * 49]),
            {},
            "'age' in .*new.csv held numbers in training, but 'many' in row 151 is none: write a n",
        ),
        (
            rows().assign(age=[*[1] * 190, 1e300, *[2] * 9]),
            {},
            r"'age' in .* beyond the range of float32, 1e\+300 in row 191; correct them",
        ),
        (
            rows().assign(when=[*rows()["when"].head(150), "2024-05-30", *["01.06.2024"] * 49]),
            {},
            r"'when' in .*new.csv held dates as %d.%m.%Y in training, but '2024-05-30' in row 151 is "
            r"none: write dates as in training, such as '31.01.2011', or leave the field empty\.",
        ),
    ],
)
def test_columns_are_checked_as_in_training(
    tmp_path, classifier, few_rows_at_once, table, options, message
):
    pipeline, statistics = classifier
    path, output = save(table, tmp_path / "new.csv"), tmp_path / "p.csv"
    with pytest.raises(InputError, match=message):
        predict_file(pipeline, path, output, statistics=statistics, **options)
    assert [file.name for file in tmp_path.iterdir()] == ["new.csv"]


def test_values_that_were_no_dates_in_training_either(tmp_path, regressor, few_rows_at_once):
    pipeline, statistics = regressor
    statistics = statistics | {"when": replace(statistics["when"], n_unread=3)}
    new = rows().assign(when=[*rows()["when"].head(150), "?", *["01.06.2024"] * 49])
    output = tmp_path / "p.csv"
    with (
        pytest.warns(
            DataWarning, match=r"new.csv, 1 value of 'when' is .*\('\?' in row 151\), as in"
        ),
        pytest.warns(DataWarning, match=r"^1 value of 'when' is no date"),  # of the pipeline
    ):
        predict_file(pipeline, save(new, tmp_path / "new.csv"), output, statistics=statistics)
    assert load(output)["prediction"].notna().all()
    with pytest.raises(InputError, match=r"'when' in .* but '2024-01-01' in row 1 is none"):
        predict_file(
            pipeline,
            save(rows().assign(when="2024-01-01"), tmp_path / "new.csv"),
            output,
            statistics=statistics,
        )


@pytest.mark.parametrize("name", ["new.csv", "new.parquet"])
def test_a_file_without_rows_is_refused(tmp_path, classifier, name):
    pipeline, statistics = classifier
    path = save(rows().head(0), tmp_path / name)
    with pytest.raises(InputError, match=rf"{name} names columns but has no rows"):
        predict_file(pipeline, path, tmp_path / "p.csv", statistics=statistics)
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_the_input_is_not_replaced(tmp_path, classifier):
    path = save(rows(), tmp_path / "new.csv")
    with pytest.raises(InputError, match=r"The predictions would replace .*new.csv itself"):
        predict_file(classifier[0], path, tmp_path / "new.csv")


def test_values_that_nothing_was_trained_on():
    X = pd.DataFrame({"a": [b"x", b"y"]})
    with pytest.raises(InputError, match=r"'a' in new.pq holds bytes values, which is neither"):
        plain_input(X, {}, "new.pq")
