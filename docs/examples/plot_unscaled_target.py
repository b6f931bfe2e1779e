"""
A target far from 0
===================

A network begins with outputs near 0. Where the target is a price of 300,000, the first steps go to
finding the mean, with gradients so large that units die or training diverges.
``standardize_target`` lets the network learn a target of mean 0 and deviation 1; predictions are in the
target's own units.
"""

# %%
# The target of diabetes has a mean of 152. A thousand times as large, hardly anything is learned
# without standardizing, and a warning says what to do.
import warnings

import matplotlib.pyplot as plt
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from estimators import KerasMLPRegressor, RuleWarning

X, y = load_diabetes(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, 1000 * y, random_state=0)

figure, axes = plt.subplots(1, 2, figsize=(8, 4), layout="constrained", sharex=True, sharey=True)
for standardized, ax in zip((False, True), axes, strict=True):
    network = KerasMLPRegressor(
        (50, 20), epochs=20, optimizer="adam", standardize_target=standardized, random_state=0
    )
    model = make_pipeline(StandardScaler(), network)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", RuleWarning)
        model.fit(X, y)
    for warning in told:
        print(warning.message)
    ax.plot([0, 350], [0, 350], color="grey", linewidth=1)
    ax.scatter(y_test / 1000, model.predict(X_test) / 1000, s=12)
    ax.set_title(f"standardize_target={standardized}\nR² {model.score(X_test, y_test):.2f}")
    ax.set_xlabel("actual, thousands")
axes[0].set_ylabel("predicted, thousands")
plt.show()

# %%
# :func:`pipelines.make_pipeline` sets ``standardize_target=True`` by itself.
