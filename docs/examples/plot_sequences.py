"""
Sequences of different length
=============================

:class:`~estimators.KerasRNNClassifier` takes rows of steps, each of one or more channels. Here a row is
a noisy wave, and the class is whether its frequency rises or falls. Half of the rows are shorter: what
follows the end of a sequence is nan and counts nowhere.
"""

# %%
# A sequence of 60 steps with one channel each.
import matplotlib.pyplot as plt
import numpy as np
from sklearn.model_selection import train_test_split

from estimators import KerasRNNClassifier

rng = np.random.default_rng(0)
n_rows, n_steps = 600, 60
rises = rng.integers(0, 2, n_rows)
time = np.linspace(0, 1, n_steps)
change = np.where(rises, 2.0, -2.0)[:, None] * rng.uniform(0.4, 1.0, (n_rows, 1))
phase = 2 * np.pi * (4 * time + change * time * (time - 0.5)) + rng.uniform(0, 7, (n_rows, 1))
X = np.sin(phase) + rng.normal(0, 0.3, (n_rows, n_steps))
ends = rng.integers(35, n_steps, n_rows)
X[(np.arange(n_steps) >= ends[:, None]) & (np.arange(n_rows) % 2 == 0)[:, None]] = np.nan
X = X[..., np.newaxis]

X, X_test, rises, rises_test = train_test_split(X, rises, random_state=0)

# %%
# Gated cells keep what was long ago; a simple cell forgets it. All of them want clipping, for one
# gradient through many steps can undo what was learned.
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
for number in range(2):
    left.plot(X[rises == number][0, :, 0] + 4 * number, label=["falls", "rises"][number])
left.set(xlabel="step", yticks=[], title="A row of each class")
left.legend()
for cell in ("simple", "gru", "lstm"):
    model = KerasRNNClassifier(
        (24,), cell=cell, optimizer="adam", learning_rate=0.01, global_clipnorm=1.0, epochs=40,
        random_state=0,
    ).fit(X, rises)  # fmt: skip
    accuracy = model.score(X_test, rises_test)
    right.plot(model.history_["accuracy"], label=f"{cell}, {accuracy:.2f} on rows held out")
right.set(xlabel="epoch", ylabel="training accuracy")
right.legend()
plt.show()
