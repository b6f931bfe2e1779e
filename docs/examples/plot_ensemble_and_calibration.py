"""
An ensemble, and probabilities that can be believed
===================================================

Networks that are trained for long are too sure of themselves. The mean of several networks with
other seeds and other validation rows (``n_members``) errs less, and ``calibration="temperature"``
divides the outputs by a number that suits the validation rows, which leaves the predicted class as it
is.
"""

# %%
# Both are hyperparameters of the estimator, so that what is tried stays one scikit-learn estimator.
# The members of an ensemble are trained by one compiled program, one after the other.
import matplotlib.pyplot as plt
from sklearn.calibration import CalibrationDisplay
from sklearn.datasets import make_classification
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

from estimators import KerasMLPClassifier

X, y = make_classification(2000, 20, n_informative=6, flip_y=0.2, class_sep=0.8, random_state=0)
X, X_test, y, y_test = train_test_split(X, y, test_size=0.5, random_state=0)

common = {
    "hidden_layer_sizes": (100, 100),
    "optimizer": "adam",
    "early_stopping": True,
    "random_state": 0,
}
models = {
    "one, 60 epochs": KerasMLPClassifier(**{**common, "early_stopping": False, "epochs": 60}),
    "one, stopped early": KerasMLPClassifier(**common),
    "one, calibrated": KerasMLPClassifier(**common, calibration="temperature"),
    "eight, calibrated": KerasMLPClassifier(**common, calibration="temperature", n_members=8),
}
losses = {}
for name, model in models.items():
    model.fit(X, y)
    losses[name] = log_loss(y_test, model.predict_proba(X_test))
    print(f"{name}: accuracy {model.score(X_test, y_test):.3f}, log loss {losses[name]:.3f}")

# %%
# Of rows to which a class is given with a probability of 0.8, eight in ten should have it.
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
for name, model in models.items():
    CalibrationDisplay.from_estimator(model, X_test, y_test, n_bins=8, name=name, ax=left)
left.set(xlabel="mean predicted probability", ylabel="share of positives")
left.legend(fontsize="small")
right.barh(list(losses)[::-1], list(losses.values())[::-1], color=["C3", "C2", "C1", "C0"])
right.set_xlabel("log loss of rows held out (less is better)")
plt.show()
