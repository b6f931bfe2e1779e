"""
Initializers and activations on digits
======================================

An activation and an initializer belong together: relu and its relatives want He's initializers,
sigmoid and tanh Glorot's, selu LeCun's. :class:`~estimators.KerasMLPClassifier` is a scikit-learn
estimator, so :class:`~sklearn.model_selection.GridSearchCV` compares all pairs; deep and narrow
networks show best what a pair that does not suit costs.
"""

# %%
# A pair that breaks a rule of the field trains all the same, and warns. Here that is the point, so
# the warnings are left out.
import warnings

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from estimators import KerasMLPClassifier, RuleWarning

warnings.simplefilter("ignore", RuleWarning)

X, y = load_digits(return_X_y=True)
network = KerasMLPClassifier((50,) * 6, epochs=10, learning_rate=0.02, random_state=0)
grid = {
    "kerasmlpclassifier__activation": ["relu", "elu", "selu", "tanh", "sigmoid"],
    "kerasmlpclassifier__kernel_initializer": ["glorot_uniform", "he_normal", "lecun_normal"],
}
search = GridSearchCV(make_pipeline(StandardScaler(), network), grid, cv=3, refit=False)
search.fit(X, y)

# %%
# Learning rate, initializer, seed and fold are values that a compiled program is given, so the
# search needs one program for each activation.
scores = pd.DataFrame(search.cv_results_["params"]).assign(
    score=search.cv_results_["mean_test_score"]
)
scores.columns = ["activation", "initializer", "score"]
table = scores.pivot(index="activation", columns="initializer", values="score")
table = table.loc[table.max(axis=1).sort_values(ascending=False).index]

figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
image = axes.imshow(table, vmin=0, vmax=1, aspect="auto")
axes.set_xticks(range(table.shape[1]), table.columns)
axes.set_yticks(range(table.shape[0]), table.index)
for row, scores_of_row in enumerate(table.to_numpy()):
    for column, score in enumerate(scores_of_row):
        color = "black" if score > 0.6 else "white"
        axes.text(column, row, f"{score:.3f}", ha="center", va="center", color=color)
figure.colorbar(image, label="mean accuracy of 3 folds")
axes.set_title("Six hidden layers of 50, 10 epochs of Adam")
plt.show()

# %%
# For relu, selu and sigmoid it matters most. With ``kernel_initializer="auto"``, the default, the
# initializer is the one that matches the activation, and where another one is set that does not, the
# warning that is left out above says so. Six layers of sigmoids learn slowest: their gradients fade
# from layer to layer.
