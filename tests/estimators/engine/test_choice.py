"""Which engine trains under Keras' global settings; ``test_training.py`` has the rest."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from estimators import KerasMLPClassifier

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
