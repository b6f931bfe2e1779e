"""Images that are shifted, mirrored and partly erased."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from estimators.layers.draws import seed_generator, uniform
from estimators.layers.dynamic_value import dynamic_value

__all__ = ["ImageAugmentation"]

# Of the rectangle that is erased: its share of the image, and its height over its width.
_AREA = (0.02, 0.33)
_ASPECT = (0.3, 1 / 0.3)
_N_DRAWS = 9


@keras.saving.register_keras_serializable(package="estimators")
class ImageAugmentation(keras.layers.Layer):
    """Change each image, in training, by draws of its own.

    Parameters
    ----------
    image_shape : tuple of int, default=None
        Height, width and, where there are several, channels of the image that a row holds, row of
        pixels by row of pixels; None for a square with one channel.
    random_shift : float, default=0
        Most pixels by which it is shifted up or down, and left or right. Pixels of the edge
        follow.
    random_flip : bool, default=False
        Whether every other one, on average, is mirrored left to right.
    random_erasing : float, default=0.0
        Probability that a rectangle takes the value of one of the image's pixels.
    seed : int, default=None
        Seed of the draws.

    References
    ----------
    Zhong et al. 2017, https://arxiv.org/abs/1708.04896
    """

    def __init__(
        self,
        image_shape: Sequence[int] | None = None,
        random_shift: float = 0,
        random_flip: bool = False,
        random_erasing: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.image_shape = None if image_shape is None else tuple(image_shape)
        self.random_shift = float(random_shift)
        self.random_flip = random_flip
        self.random_erasing = float(random_erasing)
        self.seed = seed
        self.seed_generator = seed_generator(seed)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        n_features = input_shape[-1]
        if self.image_shape is not None:
            shape, told = self.image_shape, f"image_shape={self.image_shape!r}"
        else:
            side = math.isqrt(n_features)
            shape, told = (side, side), "image_shape=None, a square with one channel,"
        if math.prod(shape) != n_features:
            raise ValueError(
                f"{told} does not fit {n_features} features: give height, width and, where there "
                "are several, channels of the images, whose product is the number of features."
            )
        self._height, self._width, self._n_channels = (*shape, 1)[:3]

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        n_rows = tf.shape(inputs)[0]
        draws = tf.unstack(uniform((n_rows, _N_DRAWS), self.seed_generator), axis=1)
        pixels = tf.reshape(inputs, (n_rows, self._height * self._width, self._n_channels))
        if self.random_shift or self.random_flip:
            pixels = self._moved(pixels, *draws[:3])
        if self.random_erasing:
            pixels = self._erased(pixels, *draws[3:])
        return tf.reshape(pixels, tf.shape(inputs))

    def _moved(self, pixels: Any, down: Any, right: Any, flip: Any) -> Any:
        rows = tf.range(self._height)[None] + self._shift(down)[:, None]
        columns = tf.range(self._width)[None] + self._shift(right)[:, None]
        if self.random_flip:
            columns = tf.where(flip[:, None] < 0.5, self._width - 1 - columns, columns)
        rows = tf.clip_by_value(rows, 0, self._height - 1)
        columns = tf.clip_by_value(columns, 0, self._width - 1)
        places = rows[:, :, None] * self._width + columns[:, None, :]
        flat = tf.reshape(places, (-1, self._height * self._width))
        return tf.gather(pixels, flat, batch_dims=1)

    def _shift(self, draw: Any) -> Any:
        most = dynamic_value("random_shift", self.random_shift) if self.random_shift else 0.0
        return tf.cast(tf.floor(draw * (2 * most + 1)) - most, tf.int32)

    def _erased(
        self, pixels: Any, erase: Any, area: Any, aspect: Any, top: Any, left: Any, value: Any
    ) -> Any:
        area = _AREA[0] + area * (_AREA[1] - _AREA[0])
        ratio = tf.exp(math.log(_ASPECT[0]) + aspect * math.log(_ASPECT[1] / _ASPECT[0]))
        within = _within(top, tf.sqrt(area * ratio), self._height)[:, :, None]
        within &= _within(left, tf.sqrt(area / ratio), self._width)[:, None, :]
        within &= (erase < dynamic_value("random_erasing", self.random_erasing))[:, None, None]
        n_pixels = self._height * self._width
        place = tf.cast(value * n_pixels, tf.int32)
        filling = tf.gather(pixels, place[:, None], batch_dims=1)
        return tf.where(tf.reshape(within, (-1, n_pixels))[:, :, None], filling, pixels)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "image_shape": self.image_shape,
            "random_shift": self.random_shift,
            "random_flip": self.random_flip,
            "random_erasing": self.random_erasing,
            "seed": self.seed,
        }


def _within(start: Any, share: Any, length: int) -> Any:
    """Which pixels along an axis are in a stretch, by image: shape (n_rows, length)."""
    extent = tf.minimum(share, 1.0) * length
    first = (start * (length - extent))[:, None]
    middles = tf.range(length, dtype=tf.float32)[None] + 0.5
    return (middles >= first) & (middles < first + extent[:, None])
