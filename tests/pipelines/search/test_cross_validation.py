from __future__ import annotations

import itertools
import math
import re
import threading
import time
import warnings
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.model_selection import KFold, cross_validate
from tensorflow.errors import ResourceExhaustedError

from estimators import KerasMLPClassifier, RuleWarning
from pipelines.search import Candidate, evaluate
from pipelines.search import fold as fold_module

METRICS = {
    "classification": ("accuracy", "f1_macro", "neg_log_loss"),
    "regression": ("r2", "neg_mean_absolute_error"),
}


def thirds(dataset):
    return list(KFold(3, shuffle=True, random_state=0).split(dataset.X, dataset.y))


def run(dataset, pipeline, on_epoch=None, epoch_writers=(), **params):
    """Evaluate one candidate on three folds."""
    candidate = Candidate(0, {f"model__{name}": value for name, value in params.items()}, {}, "it")
    return evaluate(
        candidate,
        dataset.X,
        dataset.y,
        pipeline=pipeline,
        splits=thirds(dataset),
        metrics=METRICS[dataset.task],
        on_epoch=on_epoch,
        epoch_writers=epoch_writers,
    )


def folds_of(result):
    """The folds of a candidate that is complete."""
    assert len(result.folds) == 3, result.reason
    return result.folds


def run_on_one_class(dataset, pipeline, metrics):
    """Evaluate on a fold with validation rows of one class only."""
    rows = np.arange(len(dataset.y))
    validation = rows[dataset.y == "big"][:10]
    splits = [(np.setdiff1d(rows, validation), validation)]
    candidate = Candidate(0, {}, {}, "it")
    return evaluate(
        candidate, dataset.X, dataset.y, pipeline=pipeline, splits=splits, metrics=metrics
    )


@pytest.fixture(params=["classes", "numbers"])
def dataset(request):
    return request.getfixturevalue(request.param)


class Watcher(TransformerMixin, BaseEstimator):
    """Passes rows on; tells `on_fit` and `on_transform`, functions, of their labels."""

    on_fit = staticmethod(lambda rows: None)
    on_transform = staticmethod(lambda rows: None)

    def fit(self, X, y=None):
        type(self).on_fit(X.index)
        return self

    def transform(self, X):
        type(self).on_transform(X.index)
        return X


@pytest.fixture
def watched(monkeypatch, quick):
    """A function that makes a pipeline which begins with a watcher."""

    def make(dataset, on_fit=lambda rows: None, on_transform=lambda rows: None):
        monkeypatch.setattr(Watcher, "on_fit", staticmethod(on_fit))
        monkeypatch.setattr(Watcher, "on_transform", staticmethod(on_transform))
        pipeline = quick(dataset)
        pipeline.steps.insert(0, ("watcher", Watcher()))
        return pipeline

    return make


class TestEvaluate:
    @pytest.mark.parametrize("params", [{}, {"early_stopping": True, "validation_fraction": 0.2}])
    def test_scores_are_those_of_cross_validate(self, dataset, quick, params):
        result = run(dataset, quick(dataset), activation="elu", **params)
        assert (result.status, result.reason) == ("complete", None)
        expected = cross_validate(
            quick(dataset, activation="elu", **params),
            dataset.X,
            dataset.y,
            cv=thirds(dataset),
            scoring=METRICS[dataset.task],
            return_train_score=True,
        )
        for metric in METRICS[dataset.task]:
            train, validation = result.scores(metric, "train"), result.scores(metric, "validation")
            np.testing.assert_array_equal(train, expected[f"train_{metric}"])
            np.testing.assert_array_equal(validation, expected[f"test_{metric}"])

    def test_preprocessing_is_fitted_on_training_rows_only(self, classes, watched):
        fitted, seen = [], []
        result = run(classes, watched(classes, on_fit=fitted.append, on_transform=seen.append))
        assert result.status == "complete"
        splits = thirds(classes)
        assert [rows.tolist() for rows in fitted] == [
            classes.X.index[train].tolist() for train, _ in splits
        ]
        assert set().union(*seen) == set(classes.X.index)

    def test_each_fold_starts_from_nothing(self, classes, quick):
        pipeline = quick(classes)
        run(classes, pipeline, activation="elu")
        assert not hasattr(pipeline["model"], "model_")
        assert pipeline["model"].activation == "relu"

    @pytest.mark.parametrize(
        "error",
        [
            MemoryError("no room"),
            OSError(28, "no room"),
            ResourceExhaustedError(None, None, "no room"),
        ],
        ids=lambda error: type(error).__name__,
    )
    @pytest.mark.parametrize("together", [False, True])
    def test_what_runs_out_of_memory_or_disk_is_tried_once_more(
        self, error, together, classes, watched
    ):
        on_epoch = (lambda epoch, means: False) if together else None
        fits = itertools.count()

        def fail_in_the_second_fold(rows):
            if next(fits) == 1:
                raise error

        result = run(classes, watched(classes, on_fit=fail_in_the_second_fold), on_epoch)
        undisturbed = run(classes, watched(classes), on_epoch)
        assert result.status == "complete"
        assert result.curves == undisturbed.curves

        def fail(rows):
            raise error

        result = run(classes, watched(classes, on_fit=fail), on_epoch)
        assert result.status == "failed"
        assert re.fullmatch(rf"{type(error).__name__}: .*no room.*", result.reason)

    def test_curves_have_a_value_an_epoch(self, classes, quick):
        result = run(classes, quick(classes), epochs=5)
        for fold in folds_of(result):
            assert fold.n_epochs == 5
            assert fold.curves.keys() == {"loss", "accuracy", "val_loss", "val_accuracy"}
            assert {len(curve) for curve in fold.curves.values()} == {5}

    def test_validation_curves_are_of_the_validation_rows(self, classes, quick):
        for fold in folds_of(run(classes, quick(classes))):
            scores = fold.validation_scores
            assert fold.curves["val_accuracy"][-1] == pytest.approx(scores["accuracy"])
            assert fold.curves["val_loss"][-1] == pytest.approx(-scores["neg_log_loss"], rel=1e-4)

    def test_validation_curves_of_a_regressor(self, numbers, quick):
        pipeline = quick(numbers, standardize_target=False)
        for fold in folds_of(run(numbers, pipeline)):
            expected = -fold.validation_scores["neg_mean_absolute_error"]
            curve = fold.curves["val_mean_absolute_error"]
            assert curve[-1] == pytest.approx(expected, rel=1e-4)

    def test_early_stopping_does_not_look_at_the_validation_rows(self, classes, quick):
        params = {"early_stopping": True, "patience": 1, "epochs": 40, "learning_rate": 0.3}
        result = run(classes, quick(classes), **params)
        epochs = []
        for fold, (train, _) in zip(result.folds, thirds(classes), strict=True):
            alone = quick(classes, **params).fit(classes.X.iloc[train], classes.y.iloc[train])
            assert fold.curves == alone["model"].history_
            assert fold.n_epochs == alone["model"].n_iter_ == len(fold.curves["val_loss"])
            epochs.append(fold.n_epochs)
        assert min(epochs) < 40

    def test_a_configuration_that_fails_says_how(self, classes, quick):
        result = run(classes, quick(classes), batch_norm="after_dense", batch_size=1)
        assert (result.status, result.folds) == ("failed", ())
        assert result.reason.startswith("ValueError: batch normalization wants batches: a batch")

    def test_a_reason_is_one_line(self, classes, watched):
        def fail(rows):
            raise OSError("no\n  room")

        result = run(classes, watched(classes, on_fit=fail))
        assert result.reason == "OSError: no room"

    def test_failing_on_the_last_fold_is_failing(self, classes, watched):
        held_out = classes.X.index[thirds(classes)[2][1][0]]

        def fail(rows):
            if held_out not in rows:
                raise RuntimeError("the last")

        result = run(classes, watched(classes, on_fit=fail))
        assert (result.status, result.reason) == ("failed", "RuntimeError: the last")
        assert result.folds == ()
        assert math.isnan(result.validation_mean("accuracy"))
        assert math.isnan(result.validation_std("accuracy"))
        assert math.isnan(result.fit_seconds)
        first, second, last = result.unfinished
        assert len(first["loss"]) == len(second["loss"]) == 2
        assert last == {}
        assert result.curves["loss"] == pytest.approx(np.mean([first["loss"], second["loss"]], 0))

    def test_divergence(self, numbers, quick):
        result = run(
            numbers,
            quick(numbers, standardize_target=False),
            optimizer="sgd",
            learning_rate=1e6,
            epochs=20,
        )
        assert (result.status, result.folds) == ("diverged", ())
        assert "learning_rate=1000000.0" in result.reason
        assert result.reason.startswith("Training diverged: the loss became")
        assert not np.isfinite(result.unfinished[0]["loss"][-1])
        assert result.unfinished[1:] == ({}, {})

    def test_ctrl_c_passes_through(self, classes, watched):
        def interrupt(rows):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run(classes, watched(classes, on_fit=interrupt))

    def test_warnings_are_collected_once(self, classes, quick, recwarn):
        result = run(classes, quick(classes), kernel_initializer="zeros")
        assert result.status == "complete"
        (message,) = result.warnings
        assert message.startswith("equal weights do not learn: zeros gives all units")
        assert not [warning for warning in recwarn if warning.category is RuleWarning]

    def test_a_warning_with_the_numbers_of_each_fold_is_one(self, classes, quick):
        pipeline = quick(classes, scaling="none")
        pipeline.set_params(model__activation="selu")
        alone = []
        for train, _ in thirds(classes):
            with pytest.warns(RuleWarning, match="selu wants standardized input") as caught:
                clone(pipeline).fit(classes.X.iloc[train], classes.y.iloc[train])
            alone.append(str(caught[0].message))
        assert len(set(alone)) == 3
        assert run(classes, pipeline).warnings == (alone[0],)

    @pytest.mark.parametrize(
        ("metric", "why"),
        [("roc_auc_ovr", "it is not a number"), ("f1", "ValueError: pos_label=1 is not")],
    )
    def test_without_a_value_to_rank_by_it_has_failed(self, classes, quick, metric, why):
        result = run_on_one_class(classes, quick(classes), [metric, "accuracy"])
        assert (result.status, result.folds) == ("failed", ())
        assert result.reason.startswith(
            f"ValueError: {metric} cannot be computed on 10 rows: {why}"
        )

    def test_any_other_metric_may_be_without_a_value(self, classes, quick):
        result = run_on_one_class(classes, quick(classes), ["accuracy", "roc_auc_ovr"])
        assert result.status == "complete"
        assert math.isnan(result.validation_mean("roc_auc_ovr"))
        assert result.train_mean("roc_auc_ovr") > 0
        assert 0 <= result.validation_mean("accuracy") <= 1
        assert result.warnings[0].startswith("Only one class is present in y_true")

    def test_the_log_loss_has_a_value_where_a_class_is_missing(self, classes, quick):
        result = run_on_one_class(classes, quick(classes), ["neg_log_loss"])
        assert result.status == "complete"
        assert result.validation_mean("neg_log_loss") < 0

    @pytest.mark.filterwarnings("ignore")
    def test_different_warnings_are_all_kept(self, classes, watched):
        def warn(rows):
            warnings.warn("one", UserWarning, stacklevel=1)
            warnings.warn("two", DeprecationWarning, stacklevel=1)

        assert run(classes, watched(classes, on_fit=warn)).warnings == ("one", "two")

    def test_number_of_weights(self, classes, quick):
        pipeline = quick(classes, hidden_layer_sizes=(4, 2))
        by_hand = (3 * 4 + 4) + (4 * 2 + 2) + (2 * 1 + 1)
        assert [fold.n_weights for fold in run(classes, pipeline).folds] == [by_hand] * 3

    def test_times(self, classes, quick):
        before = time.time()
        result = run(classes, quick(classes))
        assert before <= result.started_at < result.ended_at <= time.time()
        for fold in folds_of(result):
            assert fold.score_seconds > 0
            assert fold.predict_microseconds > 0
            assert 0 < fold.n_epochs * fold.epoch_seconds < 2 * fold.fit_seconds
        assert 3 * result.fit_seconds < result.ended_at - result.started_at

    def test_what_the_clock_is_asked_for(self, classes, quick, monkeypatch):
        ticks = itertools.count()
        clock = SimpleNamespace(time=time.time, perf_counter=lambda: next(ticks))
        monkeypatch.setattr(fold_module, "time", clock)
        for fold in folds_of(run(classes, quick(classes), epochs=2)):
            # A tick for each epoch, the preprocessing in the first, and one for what follows.
            # Scoring has two: the prediction, and the metrics.
            assert (fold.fit_seconds, fold.score_seconds) == (3, 2)
            assert fold.predict_microseconds == 1e6 / 20

    def test_rows_go_through_the_pipeline_once_for_all_metrics(self, classes, quick):
        n_rows = []

        class Watching(TransformerMixin, BaseEstimator):
            def fit(self, X, y=None):
                return self

            def transform(self, X):
                n_rows.append(len(X))
                return X

        pipeline = quick(classes)
        pipeline.steps.insert(0, ("watching", Watching()))
        rows = np.arange(60)
        splits = [(rows[:40], rows[40:])]
        evaluation = evaluate(
            Candidate(0, {}, {}, "it"),
            classes.X,
            classes.y,
            pipeline=pipeline,
            splits=splits,
            metrics=METRICS["classification"],
        )
        # Each to fit or to watch the training, and to score.
        assert evaluation.status == "complete"
        assert sorted(n_rows) == [20, 20, 40, 40]


class TestOnEpoch:
    @pytest.mark.parametrize(
        ("kind", "params"),
        [
            ("classes", {"epochs": 4, "dropout": 0.3}),
            (
                "numbers",
                {"epochs": 30, "early_stopping": True, "patience": 1, "learning_rate": 0.3},
            ),
            ("classes", {"epochs": 3, "engine": "keras"}),
        ],
    )
    def test_it_changes_no_bit(self, request, quick, kind, params):
        dataset = request.getfixturevalue(kind)
        told = []

        def listen(epoch, logs):
            told.append((epoch, logs))
            return False

        plain = run(dataset, quick(dataset), **params)
        heard = run(dataset, quick(dataset), on_epoch=listen, **params)
        assert (heard.status, heard.reason, heard.unfinished) == ("complete", None, ())
        for ours, theirs in zip(heard.folds, plain.folds, strict=True):
            assert ours.train_scores == theirs.train_scores
            assert ours.validation_scores == theirs.validation_scores
            assert ours.curves == theirs.curves
            assert (ours.n_epochs, ours.n_weights) == (theirs.n_epochs, theirs.n_weights)
        longest = max(fold.n_epochs for fold in plain.folds)
        assert [epoch for epoch, _ in told] == list(range(1, longest + 1))

    def test_it_is_told_the_mean_over_the_folds(self, classes, quick):
        told = []
        result = run(classes, quick(classes), epochs=3, on_epoch=lambda *what: told.append(what))
        for epoch, logs in told:
            assert logs.keys() == result.curves.keys()
            for name, value in logs.items():
                assert value == pytest.approx(result.curves[name][epoch - 1])

    def test_a_fold_that_ended_early_counts_with_its_last_values(self, classes, quick):
        told = []
        params = {"early_stopping": True, "patience": 1, "epochs": 40, "learning_rate": 0.3}
        result = run(classes, quick(classes), on_epoch=lambda *what: told.append(what), **params)
        lengths = [fold.n_epochs for fold in result.folds]
        assert len(set(lengths)) > 1
        last, logs = told[-1]
        assert last == max(lengths)
        assert logs["loss"] == pytest.approx(np.mean([f.curves["loss"][-1] for f in result.folds]))

    def test_all_folds_stop_at_the_same_epoch(self, classes, quick):
        whole = run(classes, quick(classes), epochs=5)
        result = run(classes, quick(classes), epochs=5, on_epoch=lambda epoch, _: epoch == 2)
        assert (result.status, result.folds) == ("pruned", ())
        assert result.reason == "Pruned after epoch 2: others were better by then."
        assert len(result.unfinished) == 3
        for curves, fold in zip(result.unfinished, whole.folds, strict=True):
            assert curves == {name: curve[:2] for name, curve in fold.curves.items()}
        assert result.curves["loss"] == whole.curves["loss"][:2]
        assert math.isnan(result.validation_mean("accuracy"))

    def test_after_the_last_epoch_there_is_nothing_to_prune(self, classes, quick):
        result = run(classes, quick(classes), epochs=2, on_epoch=lambda epoch, _: epoch == 2)
        assert result.status == "complete"

    def test_a_fold_that_fails_ends_the_others(self, classes, watched):
        held_out = classes.X.index[thirds(classes)[2][1][0]]

        def fail(rows):
            if held_out not in rows:
                raise RuntimeError("the last")

        before = threading.active_count()
        result = run(classes, watched(classes, on_fit=fail), on_epoch=lambda *_: False)
        assert (result.status, result.reason) == ("failed", "RuntimeError: the last")
        assert [len(curves.get("loss", ())) for curves in result.unfinished] == [1, 1, 0]
        assert threading.active_count() == before

    def test_it_does_not_hear_of_an_epoch_in_which_a_fold_diverges(self, numbers, quick):
        told = []
        result = run(
            numbers,
            quick(numbers, standardize_target=False),
            on_epoch=lambda *what: told.append(what),
            optimizer="sgd",
            learning_rate=1e6,
            epochs=20,
        )
        assert result.status == "diverged"
        assert all(np.isfinite([*logs.values()]).all() for _, logs in told)
        assert not np.isfinite(result.unfinished[0]["loss"][-1])

    @pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
    def test_what_it_raises_is_raised(self, classes, quick, error):
        def fail(epoch, logs):
            raise error("no storage")

        before = threading.active_count()
        with pytest.raises(error, match="no storage"):
            run(classes, quick(classes), on_epoch=fail)
        assert threading.active_count() == before

    def test_warnings_of_all_folds_are_heard(self, classes, quick, recwarn):
        pipeline = quick(classes)
        result = run(classes, pipeline, kernel_initializer="zeros", on_epoch=lambda *_: False)
        assert result.warnings == run(classes, pipeline, kernel_initializer="zeros").warnings
        assert len(result.warnings) == 1
        assert not [warning for warning in recwarn if warning.category is RuleWarning]

    def test_waiting_is_no_time_of_a_fit(self, classes, quick):
        def dawdle(epoch, logs):
            time.sleep(0.2)
            return False

        result = run(classes, quick(classes), epochs=5, on_epoch=dawdle)
        assert result.ended_at - result.started_at > 1
        for fold in result.folds:
            assert fold.epoch_seconds < 0.2
            assert fold.fit_seconds < result.ended_at - result.started_at - 0.9

    def test_a_pruned_fold_is_closed(self, classes, quick, monkeypatch):
        closed = []
        fit_epochs = KerasMLPClassifier.fit_epochs

        def observed(self, *args, **kwargs):
            try:
                yield from fit_epochs(self, *args, **kwargs)
            except GeneratorExit:
                closed.append(self)
                raise

        monkeypatch.setattr(KerasMLPClassifier, "fit_epochs", observed)
        result = run(classes, quick(classes), epochs=5, on_epoch=lambda epoch, _: epoch == 2)
        assert result.status == "pruned"
        assert len(closed) == 3

    def test_callbacks_of_the_pipeline_are_kept(self, classes, quick):
        seen = []
        callback = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: seen.append(epoch)
        )
        callback.__deepcopy__ = lambda memo: callback
        run(classes, quick(classes, callbacks=callback), epochs=2)
        assert seen == [0, 1] * 3


class TestEpochWriters:
    def test_they_are_called_with_the_mean_over_the_folds(self, classes, quick):
        first, second = [], []
        writers = [lambda *what: first.append(what), lambda *what: second.append(what)]
        result = run(classes, quick(classes), epochs=3, epoch_writers=writers)
        assert result.status == "complete"
        assert first == second
        assert [epoch for epoch, _ in first] == [1, 2, 3]
        for epoch, logs in first:
            assert {name: curve[epoch - 1] for name, curve in result.curves.items()} == (
                pytest.approx(logs)
            )

    def test_the_epoch_that_is_pruned_is_written(self, classes, quick):
        written = []
        run(
            classes,
            quick(classes),
            epochs=5,
            on_epoch=lambda epoch, _: epoch == 2,
            epoch_writers=[lambda epoch, logs: written.append(epoch)],
        )
        assert written == [1, 2]

    def test_what_one_raises_is_raised(self, classes, quick):
        def fail(epoch, logs):
            raise OSError("no disk")

        with pytest.raises(OSError, match="no disk"):
            run(classes, quick(classes), epoch_writers=[fail])


class TestDiagnosis:
    def diagnosed(self, dataset, pipeline, **params):
        candidate = Candidate(0, {f"model__{n}": value for n, value in params.items()}, {}, "it")
        how = {"splits": thirds(dataset), "metrics": METRICS[dataset.task]}
        return [
            evaluate(candidate, dataset.X, dataset.y, pipeline=pipeline, diagnoses=wanted, **how)
            for wanted in (False, True)
        ]

    def test_a_fault_is_found_and_scores_stay(self, numbers, quick):
        plain, told = self.diagnosed(
            numbers, quick(numbers), kernel_initializer="ones", hidden_layer_sizes=(4, 4)
        )
        assert (plain.findings, plain.figures) == ((), {})
        assert told.diagnosis == "symmetric units"
        assert told.findings[0].remedy["kernel_initializer"] == "auto"
        assert told.figures["equal"][:2] == [1.0, 1.0]
        for one, other in zip(plain.folds, told.folds, strict=True):
            assert one.validation_scores == other.validation_scores

    def test_figures_by_epoch_from_before_the_first_to_the_last(self, numbers, quick):
        plain, told = self.diagnosed(numbers, quick(numbers), epochs=4, global_clipnorm=1.0)
        assert plain.figures_by_epoch == {}
        for name in ("dead", "update_ratio", "share_of_steps_clipped"):
            epochs, values = zip(*told.figures_by_epoch[name], strict=True)
            assert (epochs[0], epochs[-1]) == (0, 4)
            assert min(values) >= 0
        assert "saturated" not in told.figures_by_epoch  # relu has no end above

    def test_one_that_diverges(self, numbers, quick):
        _, told = self.diagnosed(numbers, quick(numbers), learning_rate=1e8, optimizer="sgd")
        assert told.status == "diverged"
        assert "learning rate too high" in told.diagnosis

    def test_a_diagnosis_that_fails_is_a_warning(self, numbers, quick, monkeypatch):
        def fail(*_, **__):
            raise RuntimeError("no rows")

        monkeypatch.setattr(fold_module, "diagnose", fail)
        _, told = self.diagnosed(numbers, quick(numbers))
        assert (told.status, told.findings) == ("complete", ())
        assert "The diagnosis failed: no rows" in told.warnings
