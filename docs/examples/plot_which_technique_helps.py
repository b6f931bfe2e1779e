"""
Which technique helps?
======================

A grid of techniques, and what each is worth: every value is compared with the one that is set most
often, in pairs of configurations that are alike in all else, fold by fold. That is what the page of
``mlflow run . -e grid`` begins with; here it is done in Python.
"""

# %%
# :class:`~pipelines.GridSearch` takes names of hyperparameters instead of paths. Scores of three
# folds that are drawn twice are six for each configuration.
import matplotlib.pyplot as plt

from pipelines import GridSearch, load_dataset, make_pipeline
from pipelines.report import printed_metric, worth_of
from pipelines.search import make_splitter
from pipelines.statistics import mean_test_ratio

data, test = load_dataset("digits").split()
pipeline = make_pipeline(data, preset="plain", epochs=5, random_state=0)
grid = {
    "activation": ["relu", "sigmoid"],
    "batch_norm": [None, "before_dense"],
    "learning_rate": [0.0003, 0.003],
}
search = GridSearch(
    pipeline,
    grid,
    scoring=["accuracy"],
    cv=make_splitter(data, "repeated", n_splits=3, n_repeats=2, random_state=0),
).fit(data.X, data.y)
print(search.best_params_, round(search.score(test.X, test.y), 3))

# %%
# Intervals are those of the corrected resampled t test (Nadeau and Bengio 2003): folds share rows, so
# that their scores are no independent samples. A filled mark is a difference that is shown once the
# comparisons are corrected for their number.
worth = worth_of(
    search.evaluations_,
    printed_metric("accuracy"),
    test_ratio=mean_test_ratio(search.splits_),
)
effects = worth.effects[::-1]
names = [f"{one.name}: {one.value} over {one.reference}" for one in effects]
gains = [one.comparison.difference.times(100) for one in effects]
spreads = [[one.mean - one.low for one in gains], [one.high - one.mean for one in gains]]
figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
axes.errorbar([one.mean for one in gains], names, xerr=spreads, fmt="none", capsize=3)
for name, effect, gain in zip(names, effects, gains, strict=True):
    is_shown = effect.comparison.verdict != "no difference shown"
    axes.plot(gain.mean, name, "o", color="C0", markerfacecolor="C0" if is_shown else "white")
axes.axvline(0, color="grey", linewidth=1)
axes.set_xlabel("gain of validation accuracy, points")
axes.set_title("Right of the line is better")
plt.show()

# %%
# An interval that holds 0 shows no difference, which is not the same as showing that there is none.
