"""As a part of what scikit-learn builds from estimators."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config
from sklearn.base import is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    BaggingClassifier,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    check_cv,
    cross_val_predict,
    cross_val_score,
    cross_validate,
)
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags

from estimators import KerasMLPClassifier


def test_kind(classification, regression):
    assert is_classifier(classification.make())
    assert not is_regressor(classification.make())
    assert is_regressor(regression.make())
    assert not is_classifier(regression.make())


def test_tags(classification, regression):
    assert get_tags(classification.make()).classifier_tags.multi_label
    assert get_tags(regression.make()).target_tags.multi_output
    for task in (classification, regression):
        tags = get_tags(task.make())
        assert tags.target_tags.required
        assert not tags.input_tags.sparse
        assert not tags.input_tags.allow_nan


def test_whole_number_of_folds_is_stratified(classification):
    """Sorted by class, unstratified folds would each lack classes."""
    order = np.argsort(classification.y)
    X, y = classification.X[order], classification.y[order]
    model = classification.make(epochs=20, learning_rate=0.05)
    assert type(check_cv(3, y, classifier=is_classifier(model))).__name__ == "StratifiedKFold"
    predictions = cross_val_predict(model, X, y, cv=3, method="predict_proba")
    assert predictions.shape == (60, 3)
    assert np.mean(predictions.argmax(axis=1) == y) > 0.6


@pytest.mark.parametrize(
    ("fixture", "scorers"),
    [
        (
            "binary",
            ["accuracy", "roc_auc", "neg_log_loss", "f1", "average_precision", "neg_brier_score"],
        ),
        ("classification", ["balanced_accuracy", "roc_auc_ovr", "f1_macro", "neg_log_loss"]),
        ("regression", ["r2", "neg_root_mean_squared_error", "neg_mean_absolute_error"]),
    ],
)
def test_scorers(request, fixture, scorers):
    task = request.getfixturevalue(fixture)
    model = task.make(epochs=20, learning_rate=0.05)
    scores = cross_validate(model, task.X, task.y, cv=2, scoring=scorers, error_score="raise")
    for scorer in scorers:
        assert np.isfinite(scores[f"test_{scorer}"]).all()
    if "roc_auc" in scorers:
        assert scores["test_roc_auc"].min() > 0.8


def test_pipeline_hands_sample_weight_on(task):
    model = make_pipeline(StandardScaler(), task.make())
    step = model.steps[-1][0]
    weight = np.linspace(0.1, 2, 60)
    weighted = model.fit(task.X, task.y, **{f"{step}__sample_weight": weight})
    alone = task.make().fit(StandardScaler().fit_transform(task.X), task.y, sample_weight=weight)
    np.testing.assert_equal(weighted[-1].model_.get_weights(), alone.model_.get_weights())


GRID = {"activation": ["relu", "selu"], "hidden_layer_sizes": [(4,), (3, 3)]}


def test_grid_search(task):
    search = GridSearchCV(task.make(), GRID, cv=2, error_score="raise").fit(task.X, task.y)
    results = search.cv_results_
    assert len(results["params"]) == 4
    assert np.isfinite(results["mean_test_score"]).all()
    assert search.best_estimator_.n_iter_ == 2
    # What the search found for one candidate is what cross-validation finds for it.
    alone = cross_val_score(task.make(**results["params"][1]), task.X, task.y, cv=2)
    assert [results[f"split{fold}_test_score"][1] for fold in (0, 1)] == alone.tolist()


@pytest.mark.slow
def test_parallel_search_is_the_same(task):
    candidates = {"dropout": [0.0, 0.2], "activation": ["relu", "randomized_leaky_relu"]}
    one, two = (
        GridSearchCV(task.make(), candidates, cv=2, n_jobs=n_jobs, return_train_score=True).fit(
            task.X, task.y
        )
        for n_jobs in (1, 2)
    )
    for name, values in one.cv_results_.items():
        if name.startswith(("split", "mean_t", "rank")):
            np.testing.assert_array_equal(values, two.cv_results_[name])
    np.testing.assert_equal(
        one.best_estimator_.model_.get_weights(), two.best_estimator_.model_.get_weights()
    )


def test_threads_are_the_same(task):
    candidates = {"dropout": [0.0, 0.2], "learning_rate": [0.001, 0.01, 0.1]}
    alone = GridSearchCV(task.make(), candidates, cv=2).fit(task.X, task.y)
    with parallel_config(backend="threading", n_jobs=2):
        threads = GridSearchCV(task.make(), candidates, cv=2).fit(task.X, task.y)
    np.testing.assert_array_equal(
        alone.cv_results_["mean_test_score"], threads.cv_results_["mean_test_score"]
    )


@pytest.mark.parametrize("resource", ["n_samples", "epochs"])
def test_halving_search(task, resource):
    more = {} if resource == "n_samples" else {"max_resources": 8, "min_resources": 2}
    search = HalvingGridSearchCV(
        task.make(),
        {"learning_rate": [0.0001, 0.001, 0.01, 0.05]},
        resource=resource,
        factor=2,
        cv=2,
        random_state=0,
        error_score="raise",
        **more,
    ).fit(task.X, task.y)
    assert search.n_iterations_ > 1
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_calibration(binary, method):
    model = CalibratedClassifierCV(binary.make(epochs=10), method=method, cv=2)
    probabilities = model.fit(binary.X, binary.y).predict_proba(binary.X)
    assert probabilities.shape == (60, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_stacking(task):
    kinds = {
        True: (StackingClassifier, LogisticRegression()),
        False: (StackingRegressor, LinearRegression()),
    }
    stack, other = kinds[is_classifier(task.make())]
    quick = {"epochs": 20, "learning_rate": 0.05}
    model = stack([("network", task.make(**quick)), ("other", other)], cv=2)
    assert model.fit(task.X, task.y).score(task.X, task.y) > 0.8


def test_voting(task):
    kinds = {
        True: (VotingClassifier, LogisticRegression(), {"voting": "soft"}),
        False: (VotingRegressor, LinearRegression(), {}),
    }
    vote, other, settings = kinds[is_classifier(task.make())]
    quick = {"epochs": 20, "learning_rate": 0.05}
    model = vote([("network", task.make(**quick)), ("other", other)], **settings)
    assert model.fit(task.X, task.y).score(task.X, task.y) > 0.8


def test_bagging_and_one_a_label(classification):
    bagging = BaggingClassifier(classification.make(), n_estimators=2, random_state=0)
    assert bagging.fit(classification.X, classification.y).predict_proba(
        classification.X
    ).shape == (60, 3)
    labels = (classification.X > 0).astype(int)
    model = MultiOutputClassifier(classification.make()).fit(classification.X, labels)
    assert model.predict(classification.X).shape == labels.shape


def test_transformed_target(regression):
    model = TransformedTargetRegressor(
        regression.make(epochs=60, learning_rate=0.05), transformer=StandardScaler()
    )
    y = 1e4 + 100 * regression.y
    assert model.fit(regression.X, y).score(regression.X, y) > 0.9


def test_permutation_importance():
    """The column that decides is the one that matters."""
    X, y = make_classification(
        n_samples=100, n_features=3, n_informative=1, n_redundant=0,
        n_clusters_per_class=1, shuffle=False, random_state=0,
    )  # fmt: skip
    model = KerasMLPClassifier((4,), epochs=20, learning_rate=0.05, random_state=0).fit(X, y)
    importance = permutation_importance(model, X, y, n_repeats=3, random_state=0)
    assert importance.importances_mean.argmax() == 0


def test_frame_in_frame_out_of_place(task):
    """Column names are kept and checked through a pipeline."""
    frame = pd.DataFrame(task.X, columns=["a", "b", "c"])
    model = make_pipeline(StandardScaler().set_output(transform="pandas"), task.make())
    model.fit(frame, task.y)
    assert model[-1].feature_names_in_.tolist() == ["a", "b", "c"]
