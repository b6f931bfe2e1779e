"""Which engine trains under Keras' global settings; ``test_training.py`` has the rest."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators import KerasMLPClassifier
from estimators.engine.choice import choose_engine

X = np.random.default_rng(0).normal(size=(64, 3)).astype("float32")
Y = (X[:, 0] > 0).astype(int)


@pytest.fixture(
    params=[("mixed_float16", "float32"), ("mixed_bfloat16", "float32"), ("float64", "float64")],
    ids=lambda setting: setting[0],
)
def setting(request):
    policy, floatx = request.param
    before = keras.config.dtype_policy(), keras.config.floatx()
    keras.config.set_floatx(floatx)
    keras.config.set_dtype_policy(policy)
    yield request.param
    keras.config.set_dtype_policy(before[0])
    keras.config.set_floatx(before[1])


def model(**hyperparameters):
    return KerasMLPClassifier(
        (4,), epochs=2, batch_norm="before_dense", random_state=0, **hyperparameters
    )


def test_another_policy_goes_through_model_fit(setting, capsys):
    fitted = model(verbose=1).fit(X, Y)
    assert f"through Model.fit, for Keras' dtype policy is {setting[0]}" in capsys.readouterr().out
    assert fitted.predict_proba(X).shape == (64, 2)
    assert {weight.dtype for weight in fitted.model_.weights} == {"float32"}


def test_another_policy_cannot_be_compiled(setting):
    message = (
        f"engine='compiled' cannot train this, for Keras' dtype policy is {setting[0]} and its"
    )
    with pytest.raises(ValueError, match=message):
        model(engine="compiled").fit(X, Y)


@pytest.mark.parametrize(
    ("shape", "n_epochs", "engine"),
    [
        ((3200, 8), 19, "uncompiled"),
        ((3200, 8), 20, "compiled"),
        ((320, 60, 2), 9, "uncompiled"),
        ((320, 60, 2), 10, "compiled"),  # three timesteps are a step
        ((3200, 2, 2), 19, "uncompiled"),
        ((3200, 2, 2), 20, "compiled"),
    ],
)
def test_steps_decide_on_compiling(shape, n_epochs, engine):
    params = {"engine": "auto", "batch_size": 32, "verbose": 0}
    assert choose_engine(params, shape, n_epochs, None) == engine
