"""Layers that Keras does not have, or not as the training engine needs them."""

from __future__ import annotations

import keras

from estimators.draws import uniform

__all__ = ["AlphaDropout", "Dropout", "LeakyReLU", "RandomizedLeakyReLU"]

_SATURATION = -1.7580993408473766  # selu's limit below zero: -scale * alpha


def _seed_generator(seed: int | None) -> keras.random.SeedGenerator:
    # Under one name: TensorFlow keeps 36 kB for ever for each new name of a variable.
    return keras.random.SeedGenerator(seed, name="seed_generator")


@keras.saving.register_keras_serializable(package="estimators")
class RandomizedLeakyReLU(keras.layers.Layer):
    """Leaky ReLU whose slope below zero is drawn anew for every unit, row and step.

    In training a negative input is divided by a number drawn uniformly from
    ``[lower, upper]``; at prediction it is divided by the mean of the two.

    Parameters
    ----------
    lower, upper : float, default=3, 8
        Bounds of the divisor, those of the paper.
    seed : int, default=None
        Seed of the draws.

    References
    ----------
    Xu, Wang, Chen and Li, "Empirical Evaluation of Rectified Activations in Convolutional
    Network", 2015, https://arxiv.org/abs/1505.00853
    """

    def __init__(self, lower: float = 3.0, upper: float = 8.0, seed: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.lower = lower
        self.upper = upper
        self.seed = seed
        self.seed_generator = _seed_generator(seed)
        self.supports_masking = True

    def call(self, inputs, training=False):
        if training:
            draws = uniform(keras.ops.shape(inputs), self.seed_generator)
            divisor = self.lower + (self.upper - self.lower) * draws
        else:
            divisor = keras.ops.cast((self.lower + self.upper) / 2, inputs.dtype)
        return keras.ops.where(inputs >= 0, inputs, inputs / divisor)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {
            **super().get_config(),
            "lower": self.lower,
            "upper": self.upper,
            "seed": self.seed,
        }


@keras.saving.register_keras_serializable(package="estimators")
class LeakyReLU(keras.layers.LeakyReLU):
    """Leaky ReLU as Keras has it, whose slope may also be a tensor."""

    def call(self, inputs):
        return keras.ops.where(inputs >= 0, inputs, inputs * self.negative_slope)


@keras.saving.register_keras_serializable(package="estimators")
class Dropout(keras.layers.Layer):
    """Dropout, whose rate may also be a tensor.

    In training each input is set to 0 with probability ``rate``, and the others are scaled up so
    that the sum stays the same on average.

    Parameters
    ----------
    rate : float
        In [0, 1).
    seed : int, default=None
        Seed of the draws.

    References
    ----------
    Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.rate = float(rate)
        self.seed = seed
        self.seed_generator = _seed_generator(seed)
        self.supports_masking = True

    def call(self, inputs, training=False):
        if not training or not self.rate:
            return inputs
        return keras.ops.where(self._kept(inputs), inputs * (1 / (1 - self.rate)), 0.0)

    def _kept(self, inputs):
        return uniform(keras.ops.shape(inputs), self.seed_generator) >= self.rate

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


@keras.saving.register_keras_serializable(package="estimators")
class AlphaDropout(Dropout):
    """Alpha dropout, whose rate may also be a tensor.

    Dropped inputs take the value to which selu saturates, and all are scaled and shifted so that
    mean 0 and deviation 1 remain.

    References
    ----------
    Klambauer et al. 2017, https://arxiv.org/abs/1706.02515
    """

    def call(self, inputs, training=False):
        if not training or not self.rate:
            return inputs
        scale = ((1 - self.rate) * (1 + self.rate * _SATURATION**2)) ** -0.5
        shift = -scale * _SATURATION * self.rate
        return scale * keras.ops.where(self._kept(inputs), inputs, _SATURATION) + shift
