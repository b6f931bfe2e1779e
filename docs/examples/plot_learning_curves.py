"""
Learning curves
===============

``history_`` holds loss and metrics by epoch. Whether a rate is too low or too high, and whether
training longer would help, is seen in them at once.
"""

# %%
# Names in ``history_`` that begin with ``val_`` are of the rows that early stopping sets aside. With
# ``patience=None`` training goes on to the last epoch, and the weights of the best one are kept.
import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from estimators import KerasMLPClassifier

X, y = load_digits(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, stratify=y, random_state=0)
scaler = StandardScaler().fit(X)
X, X_test = scaler.transform(X), scaler.transform(X_test)

tried = {
    "rate 0.003": {"learning_rate": 0.003},
    "rate 0.1": {"learning_rate": 0.1},
    "rate 1": {"learning_rate": 1.0},
    "rate 1, along a cosine": {"learning_rate": 1.0, "learning_rate_schedule": "cosine"},
}
common = {"optimizer": "sgd", "dropout": 0.2, "batch_size": 64, "epochs": 20, "random_state": 0}
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
for number, (name, settings) in enumerate(tried.items()):
    model = KerasMLPClassifier(
        (100, 50), early_stopping=True, patience=None, **common, **settings
    ).fit(X, y)
    error = 100 * (1 - model.score(X_test, y_test))
    epochs = range(1, model.n_iter_ + 1)
    losses, color = model.history_["val_loss"], f"C{number}"
    left.plot(epochs, model.history_["loss"], color=color, linestyle=":")
    left.plot(epochs, losses, color=color, label=name)
    left.plot(model.best_epoch_, losses[model.best_epoch_ - 1], "o", color=color)
    right.barh(name, error, color=color)
left.set(xlabel="epoch", ylabel="loss", yscale="log", title="validation (dotted: training)")
left.legend(fontsize="small")
right.set(xlabel="error on rows held out, %", title="with the weights of the best epoch")
right.invert_yaxis()
plt.show()

# %%
# A fit can also be taken epoch by epoch, to look at the network meanwhile or to stop for a reason of
# one's own: ``fit_epochs`` yields after each one.
model = KerasMLPClassifier((100, 50), epochs=30, random_state=0)
for logs in model.fit_epochs(X, y):
    if logs["accuracy"] > 0.95:
        break
print(f"{logs['accuracy']:.3f} of the training rows are right after {model.n_iter_} epochs")
