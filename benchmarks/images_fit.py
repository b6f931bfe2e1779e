"""One network on Fashion-MNIST, in a process of its own: ``python -m benchmarks.images_fit ARM SEED``.

Prints accuracy and log loss on the 10,000 test images, and the seconds of the fit, as JSON.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any

__all__ = ["BEST", "STEPS", "run"]

# What is changed from step to step, each beside all before it. The first is the preset plain.
STEPS: dict[str, dict[str, Any]] = {
    "3 x 512, relu, adam at 0.001, batches of 256": {
        "hidden_layer_sizes": (512, 512, 512),
        "learning_rate": 0.001,
        "batch_size": 256,
        "epochs": 30,
    },
    "silu, decoupled weight decay": {
        "activation": "silu",
        "optimizer": "adamw",
        "weight_decay": 0.02,
        "weight_decay_biases": False,
    },
    "one cycle of rates up to 0.004": {
        "learning_rate": 0.004,
        "learning_rate_schedule": "one_cycle",
    },
    "batch normalization": {"batch_norm": "after_dense"},
    "images moved by up to a pixel": {"random_shift": 1},
    "images mirrored": {"random_flip": True},
}
BEST = "preset fast, images mirrored"


def run(arm: str, seed: int) -> dict[str, float]:
    """Train the network of a step, or the best one, and score it on the test images."""
    import estimators

    estimators.configure()
    from sklearn.metrics import log_loss

    from pipelines import load_dataset, make_pipeline

    dataset = load_dataset("fashion_mnist")
    images, test = dataset.X.iloc[:60_000], dataset.X.iloc[60_000:]
    labels, test_labels = dataset.y.iloc[:60_000], dataset.y.iloc[60_000:]
    preset, changes = "plain", dict[str, Any]()
    if arm == BEST:
        preset, changes = "fast", {"random_flip": True}
    else:
        for name, change in STEPS.items():
            changes |= change
            if name == arm:
                break
    pipeline = make_pipeline(dataset, preset=preset, random_state=seed, **changes)
    began = time.perf_counter()
    pipeline.fit(images, labels)
    seconds = time.perf_counter() - began
    probabilities = pipeline.predict_proba(test)
    return {
        "accuracy": float(pipeline.score(test, test_labels)),
        "log_loss": float(log_loss(test_labels, probabilities)),
        "seconds": seconds,
        "epochs": pipeline[-1].n_iter_,
    }


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    print(json.dumps(run(sys.argv[1], int(sys.argv[2]))))
