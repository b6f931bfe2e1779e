from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

from pipelines.preprocessing import AsText, CategoryEncoder


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


def test_text_of_a_typed_table_is_that_of_any_objects():
    table = pd.DataFrame(
        {
            "city": pd.Series(["Ulm", None, "1", "missing", "Ulm"], dtype="str"),
            "member": [True, False, True, True, False],
            "street": pd.Series([pd.NA, "a", "b", "a", pd.NA], dtype="string"),
        },
        index=[4, 2, 7, 1, 0],
    )
    objects = table.astype(object)
    fitted = AsText().fit(table)
    assert fitted.transform(table).tolist() == AsText().fit_transform(objects).tolist()
    assert fitted.transform(table).dtype == object


def test_a_typed_table_of_other_columns_is_refused():
    fitted = AsText().fit(pd.DataFrame({"city": ["Ulm"], "street": ["a"]}))
    with pytest.raises(ValueError, match="feature names"):
        fitted.transform(pd.DataFrame({"street": ["a"], "city": ["Ulm"]}))
    with pytest.raises(ValueError, match="feature names"):
        fitted.transform(pd.DataFrame({"city": ["Ulm"]}))


def test_a_level_of_a_typed_table_is_one_string_for_all_rows():
    text = AsText().fit_transform(pd.DataFrame({"city": ["Ulm", "Bern", None] * 50}, dtype="str"))
    assert len({id(cell) for cell in text.ravel()}) == 3


CITIES = pd.DataFrame({"city": ["Ulm", "Bern", "Ulm", "Graz"]}, index=[3, 1, 4, 5])


def test_a_column_for_each_category():
    encoder = CategoryEncoder().fit(CITIES)
    assert encoder.get_feature_names_out().tolist() == ["city_Bern", "city_Graz", "city_Ulm"]
    assert encoder.transform(pd.DataFrame({"city": ["Ulm", "Oslo"]})).tolist() == [
        [0, 0, 1],
        [0, 0, 0],
    ]


def test_a_column_of_dtype_category_for_the_network_to_embed():
    encoder = CategoryEncoder("embedding").fit(CITIES)
    output = encoder.transform(pd.DataFrame({"city": ["Ulm", "Oslo"]}, index=[7, 9]))
    assert output.index.tolist() == [7, 9]
    assert isinstance(output["city"].dtype, pd.CategoricalDtype)
    np.testing.assert_array_equal(output["city"].astype(float), [2, np.nan])


def test_the_rarest_categories_share_one():
    encoder = CategoryEncoder("embedding", max_categories=2).fit(CITIES)
    codes = encoder.transform(CITIES)["city"].astype(float)
    assert codes.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("method", ["one_hot", "embedding"])
def test_names_and_number_of_the_columns_are_known(method):
    encoder = CategoryEncoder(method).fit(CITIES)
    assert encoder.n_features_in_ == 1
    assert encoder.feature_names_in_.tolist() == ["city"]


def test_an_unknown_method():
    with pytest.raises(ValueError, match="The 'method' parameter of CategoryEncoder must be"):
        CategoryEncoder("target").fit(CITIES)
