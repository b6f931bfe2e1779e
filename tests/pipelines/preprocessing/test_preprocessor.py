from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import skops.io
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from pipelines.data import Dataset, load_dataset
from pipelines.errors import InputError
from pipelines.preprocessing import SCALINGS, make_preprocessor

OF_TABLES = [method for method in SCALINGS if method != "pixels"]


def table(n_rows=40):
    random = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "age": random.normal(40, 10, n_rows),
            "city": pd.Series(random.choice(["Bern", "Ulm", "Graz"], n_rows), dtype="str"),
            "children": random.integers(0, 5, n_rows),
            "member": random.random(n_rows) < 0.5,
        }
    )
    X.loc[3, ["age", "city"]] = None
    y = pd.Series(random.normal(size=n_rows))
    return Dataset("people", X, y, "regression", "table", "a test")


def test_the_columns_of_a_table():
    dataset = table()
    preprocessor = make_preprocessor(dataset).fit(dataset.X)
    assert preprocessor.get_feature_names_out().tolist() == [
        "numeric__age",
        "numeric__children",
        "categorical__city_Bern",
        "categorical__city_Graz",
        "categorical__city_Ulm",
        "categorical__city_missing",
        "categorical__member_False",
        "categorical__member_True",
    ]
    output = preprocessor.transform(dataset.X)
    assert (output.dtypes == np.float32).all()
    output = output.to_numpy()
    np.testing.assert_allclose(output[:, :2].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(output[:, :2].std(axis=0), 1, rtol=1e-6)
    np.testing.assert_array_equal(output[:, 2:6].sum(axis=1), 1)
    assert output[3, 5] == 1


def test_holes_get_the_median():
    X = pd.DataFrame({"a": [1.0, 2.0, 9.0, np.nan]})
    dataset = Dataset("d", X, pd.Series([1.0, 2, 3, 4]), "regression", "table", "a test")
    output = make_preprocessor(dataset, scaling="none").fit_transform(X)
    assert output.ravel().tolist() == [1, 2, 9, 2]


@pytest.mark.filterwarnings("error")
def test_a_column_that_is_empty_in_a_fold_keeps_the_width():
    dataset = table()
    fold = dataset.X.assign(age=np.nan, city=pd.Series(None, index=dataset.X.index, dtype="str"))
    preprocessor = make_preprocessor(dataset).fit(fold)
    assert preprocessor.transform(dataset.X).shape == (40, 5)
    assert np.isfinite(preprocessor.transform(dataset.X)).all(axis=None)


@pytest.mark.filterwarnings("error")
def test_unseen_categories_are_zeros_or_counted_with_the_rare_ones():
    dataset = table()
    unseen = dataset.X.head(1).assign(city="Oslo")
    output = make_preprocessor(dataset).fit(dataset.X).transform(unseen)
    assert output.iloc[0, 2:6].tolist() == [0, 0, 0, 0]
    cut = make_preprocessor(dataset, max_categories=3).fit(dataset.X)
    names = cut.get_feature_names_out().tolist()
    assert len([name for name in names if "city" in name]) == 3
    assert cut.transform(unseen)["categorical__city_infrequent_sklearn"].tolist() == [1]


def test_the_users_frame_may_have_other_order_dtypes_and_columns():
    dataset = table()
    preprocessor = make_preprocessor(dataset).fit(dataset.X)
    other = dataset.X[dataset.X.columns[::-1]].assign(extra="x")
    other = other.astype({"children": "Int64", "member": object, "city": "category"})
    np.testing.assert_array_equal(preprocessor.transform(other), preprocessor.transform(dataset.X))


@pytest.mark.parametrize("column", ["age", "city"])
def test_columns_of_one_kind_only(column):
    dataset = table()
    X = dataset.X[[column]]
    alone = Dataset("d", X, dataset.y, "regression", "table", "a test")
    preprocessor = make_preprocessor(alone).set_params(numeric__scaling__method="robust")
    output = np.asarray(preprocessor.fit_transform(X))
    assert output.dtype == np.float32
    assert output.shape == (40, len(preprocessor.get_feature_names_out()))


def test_images_are_divided_by_the_largest_pixel():
    digits = load_dataset("digits")
    output = make_preprocessor(digits).fit_transform(digits.X)
    assert output.dtype == np.float32
    np.testing.assert_array_equal(output, digits.X.to_numpy(np.float32) / 16)


@pytest.mark.parametrize("name", ["digits", "iris"])
def test_the_scaling_is_one_hyperparameter_under_one_name(name):
    dataset = load_dataset(name)
    pipeline = Pipeline([("preprocessing", make_preprocessor(dataset))])
    path = "preprocessing__numeric__scaling__method"
    assert pipeline.get_params()[path] == ("pixels" if name == "digits" else "standard")
    for method in OF_TABLES:
        varied = clone(pipeline).set_params(**{path: method}).fit_transform(dataset.X)
        made = make_preprocessor(dataset, scaling=method).fit_transform(dataset.X)
        np.testing.assert_array_equal(varied, made)


def test_the_encoding_of_categories_is_a_hyperparameter():
    dataset = table()
    preprocessor = make_preprocessor(dataset)
    preprocessor.set_params(categorical__encoder__method="embedding")
    output = preprocessor.fit_transform(dataset.X)
    made = make_preprocessor(dataset, categories="embedding").fit_transform(dataset.X)
    pd.testing.assert_frame_equal(output, made)
    assert output.dtypes.tolist()[:2] == [np.float32, np.float32]
    assert (output["categorical__city"].astype(float).round() < 4).all()
    assert isinstance(output["categorical__member"].dtype, pd.CategoricalDtype)


def test_columns_that_lack_values_are_indicated():
    dataset = table()
    output = make_preprocessor(dataset, missing_indicator=True, scaling="minmax").fit_transform(
        dataset.X
    )
    assert output["numeric__missingindicator_age"].to_numpy().nonzero()[0].tolist() == [3]
    assert not any("missingindicator_children" in name for name in output)


def test_wrong_scalings():
    with pytest.raises(
        InputError,
        match=r"There is no scaling 'standart' \(did you mean 'standard'\?\); choose one of "
        "auto, standard, robust, robust_clip, quantile, minmax, pixels, none.",
    ):
        make_preprocessor(table(), scaling="standart")
    with pytest.raises(
        InputError,
        match=r"The scaling 'pixels' is for images, but people is no image; choose another one, "
        r"such as standard.",
    ):
        make_preprocessor(table(), scaling="pixels")
    with pytest.raises(InputError, match="There is no categories 'ordinal'; choose one of"):
        make_preprocessor(table(), categories="ordinal")


# The dtype is the imputer's, and only data.
TRUSTED_TYPES = [
    "numpy.dtype",
    "pipelines.preprocessing.categories.AsText",
    "pipelines.preprocessing.categories.CategoryEncoder",
    "pipelines.preprocessing.scaling.NumericScaler",
    "pipelines.preprocessing.scaling.RobustClipScaler",
]


@pytest.mark.parametrize("scaling", [*SCALINGS, None])
@pytest.mark.parametrize("dataset", [table(), load_dataset("digits")], ids=["table", "image"])
def test_stored_with_skops_and_loaded(dataset, scaling, tmp_path):
    if scaling == "pixels" and dataset.kind == "table":
        pytest.skip("pixels are for images")
    preprocessor = make_preprocessor(dataset, scaling=scaling).fit(dataset.X)
    skops.io.dump(preprocessor, tmp_path / "preprocessor.skops")
    asked = skops.io.get_untrusted_types(file=tmp_path / "preprocessor.skops")
    assert set(asked) <= set(TRUSTED_TYPES)
    loaded = skops.io.load(tmp_path / "preprocessor.skops", trusted=TRUSTED_TYPES)
    np.testing.assert_array_equal(loaded.transform(dataset.X), preprocessor.transform(dataset.X))
    names = preprocessor.get_feature_names_out().tolist()
    assert loaded.get_feature_names_out().tolist() == names


numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)


@st.composite
def mixed_frames(draw):
    n_rows = draw(st.integers(2, 25))

    def column(values, dtype=None):
        rows = draw(st.lists(values, min_size=n_rows, max_size=n_rows))
        return pd.Series(rows, dtype=dtype)

    frame = pd.DataFrame(
        {
            "a": column(numbers | st.just(np.nan), float),
            "b": column(st.integers(-(2**31), 2**31)),
            "c": column(st.text(max_size=3) | st.none(), "str"),
            "d": column(st.booleans()),
            "e": column(st.sampled_from(["x", "y"]), "str"),
        }
    )
    return frame, draw(st.integers(1, n_rows - 1))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mixed_frames(), st.sampled_from(OF_TABLES), st.integers(2, 6))
def test_output_is_finite_and_of_one_width(frame_and_cut, scaling, max_categories):
    frame, cut = frame_and_cut
    y = pd.Series(np.arange(len(frame), dtype=float))
    dataset = Dataset("d", frame, y, "regression", "table", "a test")
    preprocessor = make_preprocessor(dataset, scaling=scaling, max_categories=max_categories)
    train = preprocessor.fit_transform(frame.iloc[:cut])
    test = preprocessor.transform(frame.iloc[cut:])
    for output in (train, test):
        output = np.asarray(output)
        assert output.dtype == np.float32
        assert np.isfinite(output).all()
        assert output.shape[1] == len(preprocessor.get_feature_names_out())
    np.testing.assert_allclose(preprocessor.transform(frame.iloc[:cut]), train, rtol=1e-6)
