"""The layer that turns numbers and codes of categories into the input of the first dense layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from estimators.layers.number_encoding import cosine_of_turns, share_of_bins

__all__ = ["Features"]

_WAVE_OUTPUTS = 3
_INITIAL_EDGES = 3.0  # deviations to both sides, until the rows are known


@keras.saving.register_keras_serializable(package="estimators")
class Features(keras.layers.Layer):
    """Categories one-hot encoded or embedded, numbers as they are and embedded.

    A category of two levels becomes -1 or 1, with 0 where it is missing; one of up to
    ``max_one_hot`` levels a column for each; one of more a learned vector. Missing and unseen
    levels give zeros. All of it is done by products with one-hot matrices: gradients of looked-up
    rows would come apart for a level that a batch has twice, and an optimizer would square each.

    A number is kept and may have embeddings beside it. Piecewise-linear: the share of each of its
    bins that lies below it, times a matrix. Periodic: cosines of several frequencies, times a
    matrix.

    Parameters
    ----------
    numbers : sequence of int
        Columns of the input that are numbers.
    embedded : sequence of int, default=()
        Those of them that are embedded.
    categories : sequence of int, default=()
        Columns that are codes: 1 to the number of levels, 0 for a missing or unseen one.
    n_levels : sequence of int, default=()
        Of each category.
    max_one_hot : int, default=8
        Most levels of a category that is not embedded.
    category_embedding_dim : int, default=8
    n_bins : int or None, default=None
        Bins of the piecewise-linear encoding; None leaves it out.
    numeric_embedding_dim : int, default=8
        Outputs of the piecewise-linear embedding, a number.
    n_frequencies : int or None, default=None
        Frequencies of the periodic embedding; None leaves it out.
    frequency_scale : float, default=0.1
        Deviation of the first frequencies.
    seed : int, default=None
        Seed of the first weights.

    References
    ----------
    Gorishniy et al. 2022, https://arxiv.org/abs/2203.05556; Holzmüller et al. 2024,
    https://arxiv.org/abs/2407.04491; Guo and Berkhahn 2016, https://arxiv.org/abs/1604.06737
    """

    def __init__(
        self,
        numbers: Sequence[int],
        embedded: Sequence[int] = (),
        categories: Sequence[int] = (),
        n_levels: Sequence[int] = (),
        *,
        max_one_hot: int = 8,
        category_embedding_dim: int = 8,
        n_bins: int | None = None,
        numeric_embedding_dim: int = 8,
        n_frequencies: int | None = None,
        frequency_scale: float = 0.1,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.numbers = list(numbers)
        self.embedded = list(embedded)
        self.categories = list(categories)
        self.n_levels = list(n_levels)
        self.max_one_hot = max_one_hot
        self.category_embedding_dim = category_embedding_dim
        self.n_bins = n_bins
        self.numeric_embedding_dim = numeric_embedding_dim
        self.n_frequencies = n_frequencies
        self.frequency_scale = frequency_scale
        self.seed = seed
        self.supports_masking = True
        of_levels = [*zip(self.categories, self.n_levels, strict=True)]
        self._binary = [column for column, n in of_levels if n == 2]
        self._one_hot = [(column, n) for column, n in of_levels if n != 2 and n <= max_one_hot]
        self._learned = [(column, n) for column, n in of_levels if n > max(2, max_one_hot)]

    def build(self, input_shape: Any) -> None:
        seeds = iter(np.random.SeedSequence(self.seed).generate_state(7).tolist())

        def uniform(bound: float) -> keras.initializers.Initializer:
            return keras.initializers.RandomUniform(-bound, bound, seed=next(seeds))

        def normal(deviation: float) -> keras.initializers.Initializer:
            return keras.initializers.RandomNormal(0.0, deviation, seed=next(seeds))

        n, dim = len(self.embedded), self.numeric_embedding_dim
        if n and self.n_bins:
            edges = np.linspace(-_INITIAL_EDGES, _INITIAL_EDGES, self.n_bins + 1)
            self.bin_edges = self.add_weight(
                name="bin_edges",
                shape=(n, self.n_bins + 1),
                initializer=lambda shape, dtype: np.broadcast_to(edges, shape).astype(dtype),
                trainable=False,
            )
            self.numeric_bin_kernel = self.add_weight(
                name="numeric_bin_kernel",
                shape=(n, self.n_bins, dim),
                initializer=uniform(2 / math.sqrt(self.n_bins)),
            )
            self.numeric_bin_bias = self.add_weight(
                name="numeric_bin_bias", shape=(n, dim), initializer=uniform(0.5)
            )
        if n and self.n_frequencies:
            bound = 1 / math.sqrt(self.n_frequencies)
            self.numeric_frequency_kernel = self.add_weight(
                name="numeric_frequency_kernel",
                shape=(n, self.n_frequencies),
                initializer=normal(self.frequency_scale),
            )
            self.numeric_frequency_bias = self.add_weight(
                name="numeric_frequency_bias",
                shape=(n, self.n_frequencies),
                initializer=uniform(math.pi),
            )
            self.numeric_wave_kernel = self.add_weight(
                name="numeric_wave_kernel",
                shape=(n, self.n_frequencies, _WAVE_OUTPUTS),
                initializer=uniform(bound),
            )
            self.numeric_wave_bias = self.add_weight(
                name="numeric_wave_bias", shape=(n, _WAVE_OUTPUTS), initializer=uniform(bound)
            )
        if self._learned:
            self.category_embedding = self.add_weight(
                name="category_embedding",
                shape=(sum(n for _, n in self._learned), self.category_embedding_dim),
                initializer=normal(1.0),
            )

    @property
    def columns_of_outputs(self) -> list[int]:
        """The column of the input from which each output comes."""
        widths = [(column, 1) for column in self.numbers]
        if self.n_bins:
            widths += [(column, self.numeric_embedding_dim) for column in self.embedded]
        if self.n_frequencies:
            widths += [(column, _WAVE_OUTPUTS) for column in self.embedded]
        widths += [(column, 1) for column in self._binary]
        widths += self._one_hot
        widths += [(column, self.category_embedding_dim) for column, _ in self._learned]
        return [column for column, width in widths for _ in range(width)]

    def tables(self) -> list[tuple[int, np.ndarray]]:
        """What each category becomes: its column, and a vector for each code from 0 on.

        In the order of the outputs.
        """
        found = [(column, np.array([[0.0], [-1.0], [1.0]])) for column in self._binary]
        found += [(column, np.eye(n + 1, n, k=-1)) for column, n in self._one_hot]
        if self._learned:
            ends = np.cumsum([n for _, n in self._learned])
            vectors = np.split(self.category_embedding.numpy(), ends[:-1])
            unseen = np.zeros((1, self.category_embedding_dim))
            found += [
                (column, np.concatenate([unseen, each]))
                for (column, _), each in zip(self._learned, vectors, strict=True)
            ]
        return [(column, table.astype("float32")) for column, table in found]

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        # Rows last: the products are quickest so, and one transposition at the end is enough.
        columns = tf.transpose(inputs)
        parts = [tf.gather(columns, self.numbers)] if self.numbers else []
        if self.embedded:
            embedded = tf.gather(columns, self.embedded)[:, None, :]
            parts += self._embedded_numbers(embedded)
        if self._binary:
            codes = tf.gather(columns, self._binary)
            parts.append(tf.where(codes > 0, 2 * codes - 3, 0.0))
        if self._one_hot:
            repeated = tf.gather(columns, [column for column, n in self._one_hot for _ in range(n)])
            levels = np.concatenate([np.arange(1.0, n + 1) for _, n in self._one_hot])
            parts.append(tf.cast(repeated == levels[:, None].astype("float32"), inputs.dtype))
        if self._learned:
            parts += self._embedded_categories(columns)
        return tf.transpose(tf.concat(parts, axis=0))

    def _embedded_numbers(self, numbers: tf.Tensor) -> list[tf.Tensor]:
        """Embeddings of numbers of shape (n_numbers, 1, n_rows), as (n_outputs, n_rows)."""
        parts = []
        if self.n_bins:
            shares = share_of_bins(numbers, self.bin_edges.value)
            parts.append(_product(shares, self.numeric_bin_kernel, self.numeric_bin_bias))
        if self.n_frequencies:
            phase = self.numeric_frequency_bias.value / (2 * math.pi)
            turns = self.numeric_frequency_kernel.value[:, :, None] * numbers + phase[:, :, None]
            waves = cosine_of_turns(turns)
            parts.append(_product(waves, self.numeric_wave_kernel, self.numeric_wave_bias))
        return parts

    def _embedded_categories(self, columns: tf.Tensor) -> list[tf.Tensor]:
        sizes = [n for _, n in self._learned]
        bounds = np.cumsum([0, *sizes])
        table = tf.split(self.category_embedding.value, sizes, axis=0)
        levels = np.concatenate([np.arange(1.0, n + 1) for n in sizes]).astype("float32")[:, None]
        return [
            tf.matmul(
                vectors,
                tf.cast(columns[column] == levels[begin:end], columns.dtype),
                transpose_a=True,
            )
            for (column, _), vectors, (begin, end) in zip(
                self._learned, table, pairwise(bounds), strict=True
            )
        ]

    def compute_output_shape(self, input_shape: Any) -> Any:
        return *input_shape[:-1], len(self.columns_of_outputs)

    def get_config(self) -> dict[str, Any]:
        names = (
            *("numbers", "embedded", "categories", "n_levels", "max_one_hot"),
            *("category_embedding_dim", "n_bins", "numeric_embedding_dim"),
            *("n_frequencies", "frequency_scale", "seed"),
        )
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _product(inputs: tf.Tensor, kernel: keras.Variable, bias: keras.Variable) -> tf.Tensor:
    """Multiply what each number has with its own matrix: (n, d, n_rows) to (n * k, n_rows)."""
    outputs = tf.matmul(kernel.value, inputs, transpose_a=True) + bias.value[:, :, None]
    return tf.reshape(outputs, [math.prod(bias.shape), -1])
