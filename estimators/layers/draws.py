"""Random numbers of the random layers, from a counter and a key.

TensorFlow's own generator makes a compiled epoch several times slower, and draws other numbers
under XLA than without; these are the same in every engine.
"""

from __future__ import annotations

import keras
import tensorflow as tf

__all__ = ["seed_generator", "uniform"]


def seed_generator(seed: int | None) -> keras.random.SeedGenerator:
    """Make the counter of a layer's draws, whose key is the seed."""
    # Under one name: TensorFlow keeps 36 kB for ever for each new name of a variable.
    return keras.random.SeedGenerator(seed, name="seed_generator")


def uniform(shape: tf.Tensor, seed_generator: keras.random.SeedGenerator) -> tf.Tensor:
    """Draw from the uniform distribution over [0, 1).

    Parameters
    ----------
    shape : tf.Tensor or sequence of int
    seed_generator : keras.random.SeedGenerator
        Its seed is the key; it counts the calls.

    Returns
    -------
    tf.Tensor, float32
        Multiples of 2**-24.

    References
    ----------
    Widynski, "Squares: A Fast Counter-Based RNG", 2020, https://arxiv.org/abs/2004.06278; the key
    is the seed after the finalizer of SplitMix64 (Steele, Lea and Flood 2014,
    https://doi.org/10.1145/2660193.2660195).
    """
    seed, call = tf.unstack(tf.cast(seed_generator.next(), tf.uint64))
    key = tf.bitwise.bitwise_or(_splitmix(seed), _constant(1))
    positions = tf.cast(tf.range(tf.reduce_prod(shape)), tf.uint64)
    bits = _squares(tf.bitwise.left_shift(call, _constant(32)) + positions, key)
    return tf.reshape(tf.cast(_right(bits, 8), tf.float32) * 2.0**-24, shape)


def _squares(counter: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
    """32 random bits for each counter: four rounds of squaring and swapping halves."""
    x = y = counter * key
    z = y + key
    x = _swapped(x * x + y)
    x = _swapped(x * x + z)
    x = _swapped(x * x + y)
    return _right(x * x + z, 32)


def _splitmix(x: tf.Tensor) -> tf.Tensor:
    x = x + _constant(0x9E3779B97F4A7C15)
    x = tf.bitwise.bitwise_xor(x, _right(x, 30)) * _constant(0xBF58476D1CE4E5B9)
    x = tf.bitwise.bitwise_xor(x, _right(x, 27)) * _constant(0x94D049BB133111EB)
    return tf.bitwise.bitwise_xor(x, _right(x, 31))


def _swapped(x: tf.Tensor) -> tf.Tensor:
    return tf.bitwise.bitwise_or(_right(x, 32), tf.bitwise.left_shift(x, _constant(32)))


def _right(x: tf.Tensor, bits: int) -> tf.Tensor:
    return tf.bitwise.right_shift(x, _constant(bits))


def _constant(value: int) -> tf.Tensor:
    return tf.constant(value, tf.uint64)
