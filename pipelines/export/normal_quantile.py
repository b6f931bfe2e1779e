"""Ranks and normal quantiles by the operations that ONNX has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from pipelines.export.graph import Graph

__all__ = ["normal_scores"]

# Wichura's three rational functions, numerator and denominator from the constant term on.
_CENTRE = (
    (
        *(3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3),
        *(1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4),
        *(3.3430575583588128105e4, 2.5090809287301226727e3),
    ),
    (
        *(1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3),
        *(2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4),
        *(5.2264952788528545610e3,),
    ),
)
_NEAR = (
    (
        *(1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0),
        *(3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1),
        *(2.27238449892691845833e-2, 7.74545014278341407640e-4),
    ),
    (
        *(1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1),
        *(1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4),
        *(1.05075007164441684324e-9,),
    ),
)
_FAR = (
    (
        *(6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0),
        *(2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3),
        *(2.71155556874348757815e-5, 2.01033439929228813265e-7),
    ),
    (
        *(1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2),
        *(7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7),
        *(2.04426310338993978564e-15,),
    ),
)

# As scikit-learn's QuantileTransformer has them.
_THRESHOLD = 1e-7
_OUTERMOST = float(-norm.ppf(_THRESHOLD - np.spacing(1)))


def normal_scores(graph: Graph, x: str, quantiles: NDArray, references: NDArray) -> str:
    """Map numbers by their ranks to a normal distribution.

    Parameters
    ----------
    graph : Graph
    x : str
        Tensor of shape (n_rows, n_columns), float64.
    quantiles : ndarray of shape (n_quantiles, n_columns)
        Ascending.
    references : ndarray of shape (n_quantiles,)
        Rank of each quantile, from 0 to 1.

    Returns
    -------
    str
        Tensor of the same shape.

    References
    ----------
    Wichura 1988, algorithm AS 241, https://doi.org/10.2307/2347330
    """
    ranks = graph("Mul", _interpolated(graph, x, quantiles, references), 0.5)
    is_last = graph("Less", quantiles[-1], graph("Add", x, _THRESHOLD))
    is_first = graph("Less", graph("Sub", x, _THRESHOLD), quantiles[0])
    ranks = graph("Where", is_last, 1.0, ranks)
    ranks = graph("Where", is_first, 0.0, ranks)
    # The quantile of a rank that is 0 or 1 is infinite, and cut all the same.
    inner = graph("Clip", ranks, 1e-12, 1 - 1e-12)
    scores = _normal_quantile(graph, inner)
    return graph("Clip", scores, -_OUTERMOST, _OUTERMOST)


def _interpolated(graph: Graph, x: str, quantiles: NDArray, references: NDArray) -> str:
    """Sum of the ranks from below and from above, which differ where quantiles are equal."""
    n_quantiles, n_columns = quantiles.shape
    size = 2 ** int(np.ceil(np.log2(n_quantiles + 1)))
    padded = np.full((n_columns, size), np.inf)
    padded[:, :n_quantiles] = quantiles.T
    table = graph("Identity", padded.ravel())
    begins = graph("Identity", np.arange(n_columns, dtype=np.int64)[None] * size)

    def last_where(comparison: str) -> str:
        """Position of the last quantile below x, or not above it, by halving; -1 where none is."""
        position = graph("Sub", graph("Mul", begins, 0), 1)
        step = size // 2
        while step:
            further = graph("Add", position, step)
            quantile = graph("Gather", table, graph("Add", begins, further), axis=0)
            position = graph("Where", graph(comparison, quantile, x), further, position)
            step //= 2
        return position

    def line(begin: str, of: str) -> str:
        """Line through a quantile and the next one, reckoned from one of the two."""
        end = graph("Add", begin, 1)
        (low, high), (first, last) = (
            [
                graph("Gather", values, graph("Add", offset, at) if offset else at, axis=0)
                for at in (begin, end)
            ]
            for values, offset in ((table, begins), (references, ""))
        )
        slope = graph("Div", graph("Sub", last, first), graph("Sub", high, low))
        near, rank = (low, first) if of == "begin" else (high, last)
        return graph("Add", graph("Mul", slope, graph("Sub", x, near)), rank)

    inside = 0, n_quantiles - 2
    from_below = line(graph("Clip", last_where("LessOrEqual"), *inside), "begin")
    from_above = line(graph("Clip", last_where("Less"), *inside), "end")
    return graph("Add", from_below, from_above)


def _normal_quantile(graph: Graph, p: str) -> str:
    """Quantile function of the normal distribution, to 1e-16 of its value."""
    q = graph("Sub", p, 0.5)
    square = graph("Sub", 0.180625, graph("Mul", q, q))
    centre = graph("Mul", q, _ratio(graph, square, _CENTRE))
    tail = graph("Min", p, graph("Sub", 1.0, p))
    r = graph("Sqrt", graph("Neg", graph("Log", tail)))
    near = _ratio(graph, graph("Sub", r, 1.6), _NEAR)
    far = _ratio(graph, graph("Sub", r, 5.0), _FAR)
    outside = graph("Where", graph("LessOrEqual", r, 5.0), near, far)
    signed = graph("Mul", graph("Sign", q), outside)
    is_centre = graph("LessOrEqual", graph("Abs", q), 0.425)
    return graph("Where", is_centre, centre, signed)


def _ratio(graph: Graph, x: str, coefficients: tuple[tuple[float, ...], ...]) -> str:
    numerator, denominator = (_polynomial(graph, x, each) for each in coefficients)
    return graph("Div", numerator, denominator)


def _polynomial(graph: Graph, x: str, coefficients: tuple[float, ...]) -> str:
    *rest, value = coefficients
    total = graph("Mul", x, value)
    for coefficient in reversed(rest[1:]):
        total = graph("Mul", graph("Add", total, coefficient), x)
    return graph("Add", total, rest[0])
