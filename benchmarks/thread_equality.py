"""Whether products are the same to the bit on any number of threads: ``python -m benchmarks.thread_equality``.

Products in float32 as XLA compiles them for the processor, in sessions of 1, 2 and 4 threads. Those
that differ are what keeps a fit on one thread: a second one would change its weights.
"""

from __future__ import annotations

import itertools
import os

import click
import numpy as np

from benchmarks.report import write_report

__all__ = ["main"]

THREADS = (1, 2, 4)
Shape = tuple[int, int, int]  # rows, what is summed over, columns

SHAPES: dict[str, list[Shape]] = {
    f"a layer's outputs, batch {batch}": [
        (batch, *sizes) for sizes in itertools.product((100, 256, 300, 512, 784, 1024), (256, 512))
    ]
    for batch in (32, 64, 128, 256, 1024)
} | {
    f"a kernel's gradient, batch {batch}": [
        (inputs, batch, units)
        for inputs, units in itertools.product((8, 16, 30, 64, 256, 784), (10, 64, 256))
    ]
    for batch in (32, 64, 128, 256, 1024, 4096)
}


def product(shape: Shape, threads: int) -> bytes:
    """Compute the product of two matrices, always the same, in a session of some threads."""
    import tensorflow as tf

    m, k, n = shape
    draws = np.random.default_rng(0)
    left = draws.normal(size=(m, k)).astype("float32")
    right = draws.normal(size=(k, n)).astype("float32")
    config = tf.compat.v1.ConfigProto(
        intra_op_parallelism_threads=threads, inter_op_parallelism_threads=1
    )
    with tf.Graph().as_default():
        a = tf.compat.v1.placeholder("float32", left.shape)
        b = tf.compat.v1.placeholder("float32", right.shape)
        c = tf.function(tf.matmul, jit_compile=True)(a, b)
        with tf.compat.v1.Session(config=config) as session:
            return session.run(c, {a: left, b: right}).tobytes()


def differs(shape: Shape) -> bool:
    """Whether the numbers of threads disagree about a product."""
    return len({product(shape, threads) for threads in THREADS}) > 1


@click.command()
def main() -> None:
    """Compare, and write thread_equality.json and thread_equality.md."""
    # Otherwise the first session's threads are those of all sessions of the process.
    os.environ["TF_OVERRIDE_GLOBAL_THREADPOOL"] = "1"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    different = {
        what: [each for each in shapes if differs(each)] for what, shapes in SHAPES.items()
    }
    text = (
        "# Products on several threads\n\n"
        f"Float32, XLA, {', '.join(map(str, THREADS))} threads. `python -m "
        "benchmarks.thread_equality` repeats it.\n\n"
        "| product | shapes | not equal to the bit |\n| --- | ---: | --- |\n"
    )
    for what, shapes in SHAPES.items():
        told = ", ".join("x".join(map(str, each)) for each in different[what]) or "none"
        text += f"| {what} | {len(shapes)} | {told} |\n"
    write_report("thread_equality", {"different": different}, text)


if __name__ == "__main__":
    main()
