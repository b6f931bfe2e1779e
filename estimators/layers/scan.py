"""A recurrence over the steps of sequences, with gradients in a closed form.

The same as a loop that TensorFlow differentiates by itself, but the gradient of the recurrent
kernel is one product over all steps instead of one in each, and only states and products are kept
from the way there, not whatever a step computes in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import tensorflow as tf

__all__ = ["scan"]

Step: TypeAlias = Callable[[tf.Tensor, tf.Tensor, list[Any], Sequence[Any]], list[Any]]


def scan(
    step: Step,
    products: tf.Tensor,
    kernel: tf.Tensor,
    bias: tf.Tensor | None,
    parameters: Sequence[tf.Tensor],
    *,
    n_states: int,
    mask: tf.Tensor | None = None,
    factor: tf.Tensor | None = None,
) -> tf.Tensor:
    """Run a cell over all steps, from states of 0 on.

    Parameters
    ----------
    step : callable
        Takes the input's product of a step, the state's product, the states and ``parameters``,
        and returns the next states, each row by itself.
    products : tf.Tensor of shape (n_steps, n_rows, width)
        Of the input, for each step.
    kernel : tf.Tensor of shape (units, width)
        What the first state is multiplied by.
    bias : tf.Tensor of shape (width,), or None
        Added to that product.
    parameters : sequence of tf.Tensor
        Weights that a step uses beside the products.
    n_states : int
        The first state is the output.
    mask : tf.Tensor of shape (n_steps, n_rows, 1), bool, or None
        Where it is False the states stay as they are.
    factor : tf.Tensor of shape (n_rows, units), or None
        Of the first state where it is multiplied by the kernel.

    Returns
    -------
    tf.Tensor of shape (n_steps, n_rows, units)
        The outputs.
    """
    biases = [] if bias is None else [bias]

    @tf.custom_gradient
    def run(products: tf.Tensor, kernel: tf.Tensor, *others: tf.Tensor) -> Any:
        recurrence = _Recurrence(
            step, kernel, others[: len(biases)], others[len(biases) :], mask, factor
        )
        states, of_states = recurrence.forward(products, n_states)

        def gradients(upstream: tf.Tensor) -> tuple[tf.Tensor, ...]:
            return recurrence.backward(products, of_states, states, upstream)

        return states[0], gradients

    return run(products, kernel, *biases, *parameters)


class _Recurrence:
    """The way there and back."""

    def __init__(
        self,
        step: Step,
        kernel: tf.Tensor,
        biases: Sequence[tf.Tensor],
        parameters: Sequence[tf.Tensor],
        mask: tf.Tensor | None,
        factor: tf.Tensor | None,
    ):
        self._step = step
        self._kernel = kernel
        self._biases = biases
        self._parameters = list(parameters)
        self._mask = mask
        self._factor = factor

    def forward(self, products: tf.Tensor, n_states: int) -> tuple[list[tf.Tensor], tf.Tensor]:
        """Return the states after each step, and the products of the state in each."""
        n_steps, n_rows = products.shape[0], tf.shape(products)[1]
        units = self._kernel.shape[0]
        zeros = tf.zeros([n_rows, units])

        def body(number: tf.Tensor, states: Any, histories: Any, of_states: Any) -> Any:
            product = tf.matmul(self._scaled(states[0]), self._kernel)
            for bias in self._biases:
                product += bias
            new = self._next(number, products[number], product, states, self._parameters)
            histories = [
                history.write(number, state) for history, state in zip(histories, new, strict=True)
            ]
            return number + 1, new, histories, of_states.write(number, product)

        _, _, histories, of_states = tf.while_loop(
            lambda number, *_: number < n_steps,
            body,
            (
                tf.constant(0),
                [zeros] * n_states,
                [_array(n_steps, [None, units]) for _ in range(n_states)],
                _array(n_steps, [None, self._kernel.shape[1]]),
            ),
            maximum_iterations=n_steps,
        )
        return [_stacked(history, products) for history in histories], of_states.stack()

    def backward(
        self,
        products: tf.Tensor,
        of_states: tf.Tensor,
        states: list[tf.Tensor],
        upstream: tf.Tensor,
    ) -> tuple[tf.Tensor, ...]:
        """Gradients of products, kernel, bias and parameters."""
        n_steps = products.shape[0]
        before = [tf.concat([tf.zeros_like(state[:1]), state[:-1]], 0) for state in states]

        def body(left: tf.Tensor, of_new: Any, of_parameters: Any, found: Any) -> Any:
            number = left - 1
            of_new = [of_new[0] + upstream[number], *of_new[1:]]
            sources = [products[number], of_states[number], *(each[number] for each in before)]
            with tf.GradientTape() as tape:
                tape.watch([*sources, *self._parameters])
                new = self._next(number, sources[0], sources[1], sources[2:], self._parameters)
            of_sources = tape.gradient(
                new,
                [*sources, *self._parameters],
                output_gradients=of_new,
                unconnected_gradients=tf.UnconnectedGradients.ZERO,
            )
            of_input, of_state, *rest = of_sources
            of_before, own = rest[: len(states)], rest[len(states) :]
            through = self._scaled(tf.matmul(of_state, self._kernel, transpose_b=True))
            return (
                number,
                [of_before[0] + through, *of_before[1:]],
                [total + each for total, each in zip(of_parameters, own, strict=True)],
                [
                    array.write(number, each)
                    for array, each in zip(found, (of_input, of_state), strict=True)
                ],
            )

        _, _, of_parameters, found = tf.while_loop(
            lambda left, *_: left > 0,
            body,
            (
                tf.constant(n_steps),
                [tf.zeros_like(state[0]) for state in states],
                [tf.zeros_like(each) for each in self._parameters],
                [_array(n_steps, [None, self._kernel.shape[1]]) for _ in range(2)],
            ),
            maximum_iterations=n_steps,
        )
        of_products, of_state_products = (_stacked(array, products) for array in found)
        rows = tf.reshape(self._scaled(before[0]), [-1, self._kernel.shape[0]])
        flat = tf.reshape(of_state_products, [-1, self._kernel.shape[1]])
        of_kernel = tf.matmul(rows, flat, transpose_a=True)
        of_biases = [tf.reduce_sum(flat, axis=0) for _ in self._biases]
        return of_products, of_kernel, *of_biases, *of_parameters

    def _next(
        self,
        number: tf.Tensor,
        of_input: tf.Tensor,
        of_state: tf.Tensor,
        states: Sequence[tf.Tensor],
        parameters: Sequence[tf.Tensor],
    ) -> list[tf.Tensor]:
        new = self._step(of_input, of_state, list(states), parameters)
        if self._mask is None:
            return new
        present = self._mask[number]
        return [tf.where(present, *pair) for pair in zip(new, states, strict=True)]

    def _scaled(self, state: tf.Tensor) -> tf.Tensor:
        return state if self._factor is None else state * self._factor


def _array(n_steps: int, shape: Sequence[int | None]) -> tf.TensorArray:
    return tf.TensorArray("float32", n_steps, element_shape=shape)


def _stacked(array: tf.TensorArray, like: tf.Tensor) -> tf.Tensor:
    stacked = array.stack()
    return tf.ensure_shape(stacked, [like.shape[0], like.shape[1], stacked.shape[2]])
