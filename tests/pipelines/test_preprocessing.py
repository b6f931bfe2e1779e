from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest
import skops.io
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

from pipelines.data import Dataset, load_dataset
from pipelines.errors import InputError
from pipelines.preprocessing import (
    SCALINGS,
    AsText,
    NumericScaler,
    make_preprocessor,
)

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


@parametrize_with_checks(
    [
        *(NumericScaler(method) for method in (*OF_TABLES, None)),
        NumericScaler("pixels", pixel_max=255),
    ]
)
def test_numeric_scaler_keeps_scikit_learns_contract(estimator, check):
    check(estimator)


def text_fails(estimator):
    """Name the checks that subtract outputs, which text does not allow, and the complex one."""
    subtracting = [
        "check_pipeline_consistency",
        "check_estimators_pickle",
        "check_transformer_data_not_an_array",
        "check_transformer_general",
        "check_methods_sample_order_invariance",
        "check_methods_subset_invariance",
        "check_fit_idempotent",
    ]
    reasons = dict.fromkeys(subtracting, "it subtracts outputs, and text cannot be subtracted")
    return reasons | {"check_complex_data": "any value can be written as text"}


@parametrize_with_checks([AsText()], expected_failed_checks=text_fails)
def test_as_text_keeps_scikit_learns_contract(estimator, check):
    check(estimator)


def test_every_expected_failure_is_a_check():
    names = {check.func.__name__ for _, check in estimator_checks_generator(AsText())}
    assert set(text_fails(AsText())) <= names


def test_constraints_match_the_parameters():
    parameters = set(inspect.signature(NumericScaler.__init__).parameters) - {"self"}
    assert set(NumericScaler._parameter_constraints) == parameters


VALUES = np.array([[0.0], [1.0], [2.0], [3.0], [14.0]])


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("standard", (VALUES - 4) / np.sqrt(26)),
        ("robust", (VALUES - 2) / 2),
        ("minmax", VALUES / 14),
        ("pixels", VALUES / 16),
        ("none", VALUES),
        (None, VALUES),
        ("quantile", stats.norm.ppf([[1e-7], [0.25], [0.5], [0.75], [1 - 1e-7]])),
    ],
)
def test_scaling_by_hand(method, expected):
    scaled = NumericScaler(method, pixel_max=16).fit_transform(VALUES)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, expected, rtol=1e-6)


def test_pixels_are_scaled_in_float32():
    pixels = np.array([[0, 51], [255, 102]], np.uint8)
    scaler = NumericScaler("standard").fit(pixels)
    assert scaler.scaler_.transform(pixels.astype(np.float32)).dtype == np.float32
    np.testing.assert_allclose(scaler.transform(pixels), [[-1, -1], [1, 1]])


def test_what_float32_cannot_hold_is_cut():
    scaler = NumericScaler("robust").fit([[0.0], [1e-10], [2e-10]])
    largest = np.finfo(np.float32).max
    assert scaler.transform([[1e300], [-1e300]]).ravel().tolist() == [largest, -largest]


def test_many_rows_are_scaled_by_quantile_the_same_way_each_time():
    values = np.random.default_rng(0).exponential(size=(20_000, 1))
    one, other = (NumericScaler("quantile").fit_transform(values) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert stats.kstest(one.ravel(), "norm").statistic < 0.02


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"method": "standart"}, "The 'method' parameter of NumericScaler must be a str among"),
        ({"pixel_max": 0}, "The 'pixel_max' parameter of NumericScaler must be a float in"),
        ({"method": "pixels"}, "The method 'pixels' needs pixel_max, the largest value; got None."),
    ],
)
def test_wrong_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        NumericScaler(**parameters).fit(VALUES)


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([True, None, False], dtype=object),
        pd.Series([True, None, False], dtype="boolean"),
        pd.Series(["True", None, "False"], dtype="str"),
        pd.Series(["True", None, "False"], dtype="string"),
        pd.Series(["True", None, "False"], dtype="category"),
        pd.Series(["True", np.nan, "False"], dtype=object),
    ],
)
def test_as_text_of_any_dtype(column):
    text = AsText().fit_transform(pd.DataFrame({"member": column, "other": 1}))
    assert text.tolist() == [["True", "1"], ["missing", "1"], ["False", "1"]]


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
    assert isinstance(output, np.ndarray)
    assert output.dtype == np.float32
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
    assert np.isfinite(preprocessor.transform(dataset.X)).all()


@pytest.mark.filterwarnings("error")
def test_unseen_categories_are_zeros_or_counted_with_the_rare_ones():
    dataset = table()
    unseen = dataset.X.head(1).assign(city="Oslo")
    output = make_preprocessor(dataset).fit(dataset.X).transform(unseen)
    assert output[0, 2:6].tolist() == [0, 0, 0, 0]
    cut = make_preprocessor(dataset, max_categories=3).fit(dataset.X)
    names = cut.get_feature_names_out().tolist()
    assert len([name for name in names if "city" in name]) == 3
    assert cut.transform(unseen)[0, names.index("categorical__city_infrequent_sklearn")] == 1


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
    output = preprocessor.fit_transform(X)
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


def test_wrong_scalings():
    with pytest.raises(
        InputError,
        match=r"There is no scaling 'standart' \(did you mean 'standard'\?\); choose one of "
        "auto, standard, robust, quantile, minmax, pixels, none.",
    ):
        make_preprocessor(table(), scaling="standart")
    with pytest.raises(
        InputError,
        match=r"The scaling 'pixels' is for images, but people is a table; choose another one, "
        r"such as standard.",
    ):
        make_preprocessor(table(), scaling="pixels")


# The dtype is the imputer's, and only data.
TRUSTED_TYPES = [
    "numpy.dtype",
    "pipelines.preprocessing.AsText",
    "pipelines.preprocessing.NumericScaler",
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
        assert output.dtype == np.float32
        assert np.isfinite(output).all()
        assert output.shape[1] == len(preprocessor.get_feature_names_out())
    np.testing.assert_allclose(preprocessor.transform(frame.iloc[:cut]), train, rtol=1e-6)
