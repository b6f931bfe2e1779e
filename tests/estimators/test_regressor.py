from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import DataConversionWarning

from estimators import RuleWarning


@pytest.fixture
def two_outputs(regression):
    X = regression.X
    return regression._replace(y=np.column_stack([X[:, 0] + 1, X[:, 1] - X[:, 2]]))


def test_one_output_is_learned(regression):
    model = regression.fit(epochs=60, learning_rate=0.05)
    predictions = model.predict(regression.X)
    assert predictions.shape == (60,)
    assert predictions.dtype == np.float64
    assert model.score(regression.X, regression.y) > 0.9


@pytest.mark.parametrize("kind", [np.asarray, pd.DataFrame])
def test_two_outputs_are_learned(two_outputs, kind):
    model = two_outputs._replace(y=kind(two_outputs.y)).fit(epochs=60, learning_rate=0.05)
    assert model.predict(two_outputs.X).shape == (60, 2)
    assert model.predict(two_outputs.X[:1]).shape == (1, 2)
    assert model.score(two_outputs.X, two_outputs.y) > 0.9


def test_column_vector_is_one_output_and_warns(regression):
    with pytest.warns(DataConversionWarning, match="column-vector y was passed"):
        model = regression.make().fit(regression.X, regression.y.reshape(-1, 1))
    assert model.predict(regression.X).shape == (60,)
    np.testing.assert_equal(model.model_.get_weights(), regression.fit().model_.get_weights())


@pytest.mark.parametrize("fixture", ["regression", "two_outputs"])
def test_standardized_target_is_the_same_as_by_hand(request, fixture):
    task = request.getfixturevalue(fixture)
    far = task.y * [1000.0] + 5e4
    model = task.make(standardize_target=True).fit(task.X, far)
    mean, deviation = far.mean(axis=0), far.std(axis=0)
    by_hand = task.make().fit(task.X, (far - mean) / deviation)
    np.testing.assert_equal(model.model_.get_weights(), by_hand.model_.get_weights())
    np.testing.assert_allclose(
        model.predict(task.X), by_hand.predict(task.X) * deviation + mean, rtol=1e-6
    )
    assert model.history_ == by_hand.history_


def test_far_target_is_learned_standardized(regression):
    far = regression._replace(y=regression.y * 1000 + 5e4)
    settings = {"epochs": 60, "learning_rate": 0.05}
    model = far.fit(standardize_target=True, **settings)
    assert model.score(far.X, far.y) > 0.9
    with pytest.warns(RuleWarning, match="target of one scale"):
        plain = far.fit(**settings)
    assert plain.score(far.X, far.y) < 0


ERRORS = {
    "mean_squared_error": lambda error: error**2,
    "mean_absolute_error": np.abs,
    "huber": lambda error: np.where(abs(error) < 1, error**2 / 2, abs(error) - 0.5),
}


@pytest.mark.parametrize("loss", ERRORS)
@pytest.mark.parametrize("weighted", [False, True])
def test_losses_by_hand(two_outputs, loss, weighted):
    """With a learning rate next to nothing the loss is that of the first weights."""
    X, y = two_outputs.X, 3 * two_outputs.y
    weight = np.linspace(0.5, 2, 60) if weighted else None
    model = two_outputs.make(loss=loss, learning_rate=1e-12, epochs=1, batch_size=16)
    model.fit(X, y, sample_weight=weight)
    errors = ERRORS[loss](model.predict(X) - y).mean(axis=1)
    by_hand = np.mean(errors if weight is None else weight * errors)
    assert model.loss_ == pytest.approx(by_hand, rel=1e-4)


def test_metric(two_outputs):
    model = two_outputs.fit(learning_rate=1e-12, epochs=1)
    by_hand = np.abs(model.predict(two_outputs.X) - two_outputs.y).mean()
    assert model.history_["mean_absolute_error"] == pytest.approx([by_hand], rel=1e-4)


def test_losses_lead_to_other_weights(two_outputs):
    kernels = [two_outputs.fit(loss=loss).model_.get_weights()[0] for loss in ERRORS]
    for index, kernel in enumerate(kernels):
        assert not np.array_equal(kernel, kernels[index - 1])


def test_weight_of_zero_leaves_the_row_out(regression):
    X, y = regression.X, regression.y
    kept = np.arange(60) % 4 != 0
    weighted = regression.make().fit(X, y, sample_weight=kept.astype(float))
    rest = regression.make().fit(X[kept], y[kept], sample_weight=np.ones(kept.sum()))
    np.testing.assert_equal(weighted.model_.get_weights(), rest.model_.get_weights())


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_impossible_targets(regression, value):
    y = regression.y.copy()
    y[3] = value
    with pytest.raises(ValueError, match="Input y contains"):
        regression.make().fit(regression.X, y)


def test_other_number_of_outputs_later(two_outputs):
    model = two_outputs.fit()
    with pytest.raises(ValueError, match=r"must have 2 columns as at the first fit\. Got 1"):
        model.partial_fit(two_outputs.X, two_outputs.y[:, 0])


class TestScaleOfTheTarget:
    def test_a_target_far_from_0_warns(self, regression):
        sentence = "target of one scale: the target has mean 5e.05 and deviation"
        with pytest.warns(RuleWarning, match=sentence):
            regression.make().fit(regression.X, 5e5 + 1e5 * regression.y)

    @pytest.mark.filterwarnings("error::estimators.RuleWarning")
    def test_no_word_where_it_is_standardized_or_small(self, regression):
        regression.make(standardize_target=True).fit(regression.X, 5e5 + regression.y)
        regression.make().fit(regression.X, regression.y)


@pytest.mark.parametrize("go_on", ["partial_fit", "fit"])
def test_predictions_are_clipped_to_all_targets_that_were_seen(regression, go_on):
    settings = {"clip_target": True, "warm_start": True, "learning_rate": 0.05, "epochs": 30}
    small, large = regression.y < 0, regression.y >= 0
    model = regression.make(**settings).fit(regression.X[small], regression.y[small])
    assert model.predict(regression.X).max() <= regression.y[small].max()
    for _ in range(30 if go_on == "partial_fit" else 1):
        getattr(model, go_on)(regression.X[large], regression.y[large])
    assert model.predict(regression.X).max() > regression.y[small].max()
    assert model.predict(1e3 * regression.X).max() <= regression.y.max()
