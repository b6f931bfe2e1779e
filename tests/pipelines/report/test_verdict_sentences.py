from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.challenge import Challenge
from pipelines.report import EnsembleResult, printed_metric, verdict_sentences
from pipelines.search import BaselineResult


@pytest.fixture
def sentences(evaluations, judged, baselines):
    return verdict_sentences(judged(evaluations, baselines=baselines))


def test_the_winner_comes_first(sentences):
    assert sentences[0] == (
        "Take selu, lecun_normal: validation accuracy 80.00 % ± 10.00 over 2 folds, 98.77 % on "
        "the 1,234 held-out rows."
    )


def test_all_of_it(sentences):
    assert sentences[1:] == [
        "The other one is not shown to be worse.",
        "The fastest among these is elu (70.00 % ± 10.00), with 1.0 s of training.",
        "The winner was chosen from 2 configurations on these folds, so that its score and its "
        "lead there are optimistic; the held-out rows chose nothing, and judge it without bias.",
        "Against a constant prediction (30.00 %, held out 30.00 %): no difference shown, "
        "+50.00 points [-60.04, +160.04], p = 0.109.",
        "Against gradient boosting: not fitted: too many rows.",
        "Not finished: 1 failed, 1 diverged.",
        "It took 1 min 15 s: 4 fits with 5.0 s of training and 1.0 s of compiling and "
        "preprocessing; the models to compare with took 0.5 s more.",
    ]


@pytest.mark.parametrize(
    ("low", "n_configurations", "told"),
    [
        (
            0.01,
            4,
            "The mean of 8 networks of the best 4 configurations has 90.00 % on the held-out rows, "
            "where the winner alone has 87.00 %, which is better: +3.00 points [+1.00, +5.00].",
        ),
        (
            -0.01,
            1,
            "The mean of 8 networks of the winner's configuration has 90.00 % on the held-out "
            "rows, where the winner alone has 87.00 %, which is not shown to be better: "
            "+3.00 points [-1.00, +5.00].",
        ),
    ],
)
def test_the_ensemble_is_compared_with_the_winner(evaluations, judged, low, n_configurations, told):
    challenge = Challenge("accuracy", 0.90, 0.87, low, 0.05)
    ensemble = EnsembleResult(8, n_configurations, {"accuracy": 0.9}, challenge)
    assert told in verdict_sentences(judged(evaluations, ensemble=ensemble))


def test_an_ensemble_that_is_worse(evaluations, judged):
    challenge = Challenge("accuracy", 0.20, 0.77, -0.87, -0.27)
    ensemble = EnsembleResult(8, 1, {"accuracy": 0.2}, challenge)
    told = " ".join(verdict_sentences(judged(evaluations, ensemble=ensemble)))
    assert "where the winner alone has 77.00 %, which is worse: -57.00 points [-87.00, " in told


def test_the_simplest_and_the_fastest(of_folds, judged):
    light = of_folds(0, "a", [0.8, 0.9], n_weights=10, epoch_seconds=0.25)
    heavy = of_folds(1, "b", [0.81, 0.91], n_weights=20)
    told = verdict_sentences(judged([light, heavy]))[2]
    assert told.startswith("The simplest and fastest among these is a (85.00 % ± 5.00), with 10 w")
    slow = of_folds(0, "a", [0.8, 0.9], n_weights=10, epoch_seconds=9)
    told = verdict_sentences(judged([slow, heavy]))[2]
    assert told.startswith("The simplest among these is a (85.00 % ± 5.00), with 10 weights; the f")


def test_the_difference_of_an_error_has_its_sign(complete, judged):
    scores = {"neg_root_mean_squared_error": -20.0}
    one = complete(0, "one", 0.5, validation_scores=scores, train_scores=scores)
    challenge = Challenge("neg_root_mean_squared_error", -18.0, -21.0, 1.0, 5.0)
    told = verdict_sentences(
        judged(
            [one],
            winner=one,
            metrics=[
                printed_metric(
                    "neg_root_mean_squared_error", pd.Series([100.0, 300.0], name="price")
                )
            ],
            test_scores=scores,
            ensemble=EnsembleResult(2, 1, scores, challenge),
        )
    )
    assert any("which is better: -3.0 units of price [-5.0, -1.0]." in each for each in told)


def test_who_is_worse(of_folds, judged):
    close = of_folds(1, "close", [0.90, 0.93, 0.905])
    far = of_folds(2, "far", [0.2, 0.22, 0.21])
    winner = of_folds(0, "winner", [0.91, 0.92, 0.93])
    assert verdict_sentences(judged([winner, close, far]))[1].startswith(
        "Of the other 2, 1 is not shown to be worse: with 3 folds a difference of "
    )
    assert verdict_sentences(judged([winner, far]))[1] == "The other one is shown to be worse."
    farther = of_folds(3, "farther", [0.1, 0.12, 0.11])
    told = verdict_sentences(judged([winner, far, farther]))[1]
    assert told == "Each of the other 2 is shown to be worse."


def test_where_folds_are_too_few_for_any_of_the_differences(of_folds, judged):
    evaluations = [
        of_folds(0, "a", [0.80, 0.90, 0.85]),
        of_folds(1, "b", [0.85, 0.80, 0.86]),
        of_folds(2, "c", [0.82, 0.87, 0.81]),
    ]
    told = verdict_sentences(judged(evaluations))[1]
    assert told.startswith(
        "None of the other 2 is shown to be worse, which 3 folds could hardly have done: the "
        "differences are up to 1.67 points, and "
    )
    assert told.endswith(" points would be seen in 4 of 5 cases.")


def test_no_more_points_than_there_are_can_be_seen(of_folds, judged):
    evaluations = [of_folds(0, "a", [0.9, 0.5, 0.7]), of_folds(1, "b", [0.4, 0.9, 0.7])]
    verdict = judged(evaluations)
    assert verdict.detectable > 1
    assert verdict_sentences(verdict)[1].endswith(
        "3.33 points, and not even 100.00 points would be seen in 4 of 5 cases."
    )


def test_a_constant_that_is_behind_by_the_same_in_every_fold(of_folds, judged):
    scores = {"accuracy": np.full(3, 0.5), "f1_macro": np.ones(3)}
    constant = BaselineResult("constant prediction", scores, {"accuracy": 0.5}, 0.1)
    told = verdict_sentences(judged([of_folds(0, "a", [1.0] * 3)], baselines=[constant]))
    assert not any("before anything is made of it" in each for each in told)
    assert (
        "Against a constant prediction (50.00 %, held out 50.00 %): +50.00 points [+50.00, +50.00], "
        "the same in each of the 3 folds, which are too few for their signs to tell, p = 0.250."
    ) in told


def test_where_all_are_alike_in_every_fold(of_folds, judged):
    alike = [of_folds(number, name, [1.0] * 5) for number, name in enumerate(("relu", "elu"))]
    assert verdict_sentences(judged(alike))[1] == "The other one is not shown to be worse."


def test_no_better_than_a_constant_comes_second(of_folds, judged):
    constant = BaselineResult(
        "constant prediction",
        {"accuracy": np.array([0.5, 0.51, 0.52]), "f1_macro": np.ones(3)},
        {"accuracy": 0.5, "f1_macro": 1.0},
        0.1,
    )
    weak = judged([of_folds(0, "a", [0.45, 0.6, 0.5])], baselines=[constant])
    assert verdict_sentences(weak)[1].startswith("It is not shown to be better than a constant")
    strong = judged([of_folds(0, "a", [0.9, 0.93, 0.92])], baselines=[constant])
    assert "not shown" not in verdict_sentences(strong)[1]


@pytest.mark.parametrize(("last", "blamed"), [(0.94, "network"), (0.45, "data")])
def test_where_a_linear_model_has_learned_the_network_is_to_be_changed(
    of_folds, judged, last, blamed
):
    def baseline(name, *scores):
        values = {"accuracy": np.array(scores), "f1_macro": np.ones(3)}
        return BaselineResult(name, values, {"accuracy": 0.5, "f1_macro": 1.0}, 0.1)

    known = [
        baseline("constant prediction", 0.5, 0.51, 0.52),
        baseline("linear model", 0.95, 0.97, last),
    ]
    told = verdict_sentences(judged([of_folds(0, "a", [0.45, 0.6, 0.5])], baselines=known))[1]
    if blamed == "network":
        assert told == (
            "It is not shown to be better than a constant prediction, while a linear model has "
            "95.33 % on the same folds, in each of them better than both: the data tell more than "
            "the network has learned, so change the network before anything is made of it."
        )
    else:
        assert "see what was found in the data, and repeat it with more folds." in told


@pytest.mark.parametrize("scores", [[0.31, 0.2], [0.31, 0.2, 0.3]])
def test_a_winner_no_better_than_the_most_frequent_class(of_folds, judged, scores):
    y = pd.Series(["a", "a", "b"] * 4)  # of the four last rows two thirds are no "a"
    weak = [of_folds(0, "a", scores)]
    assert verdict_sentences(judged(weak, y=y))[1].startswith(
        "It is no better than a constant prediction: before anything is made of it, see"
    )
    strong = [of_folds(0, "a", [one + 0.5 for one in scores])]
    assert not any("constant" in each for each in verdict_sentences(judged(strong, y=y)))
    assert not any("constant" in each for each in verdict_sentences(judged(weak)))


def test_a_winner_with_an_r2_below_0(of_regression, judged_by_r2):
    weak = [of_regression(0, "a", [0.1, -0.4]), of_regression(1, "b", [-0.2, -0.3])]
    told = verdict_sentences(judged_by_r2(weak))
    assert told[1].startswith("It is no better than a constant prediction: before anything")
    assert "No better than a constant prediction: b." in told  # the winner was told of
    strong = [of_regression(0, "a", [0.1, 0.4])]
    assert not any("constant" in each for each in verdict_sentences(judged_by_r2(strong)))


def test_a_single_configuration_or_split(of_folds, judged, failed):
    one = of_folds(0, "one", [0.9, 0.91])
    nothing = "There is nothing to compare it with: "
    assert verdict_sentences(judged([one]))[1] == f"{nothing}it was the only configuration."
    told = verdict_sentences(judged([one, failed(1, "broken", "It broke.")]))[1]
    assert told == f"{nothing}no other configuration came to its end."
    again = of_folds(1, "one", [0.9, 0.91])
    assert verdict_sentences(judged([one, again]))[1] == f"{nothing}it was the only configuration."
    two = [of_folds(0, "one", [0.9]), of_folds(1, "two", [0.8])]
    assert "cannot be said from one split" in verdict_sentences(judged(two))[1]


def test_one_split_tells_what_is_below_a_constant(of_regression, judged_by_r2):
    good, far = of_regression(0, "a", [0.9]), of_regression(1, "b", [-9.0])
    assert verdict_sentences(judged_by_r2([good, far]))[1] == "The other one is shown to be worse."
    near = of_regression(2, "c", [0.8])
    told = verdict_sentences(judged_by_r2([good, far, near]))[1]
    assert told.startswith("Whether it is better than 1 of the other 2 cannot be said from one")


def test_a_share_beside_the_metric_has_one_per_cent_sign(complete, judged):
    scores = {"f1_macro": 0.7, "accuracy": 0.8}
    evaluation = complete(0, "a", 0.7, validation_scores=scores, train_scores=scores)
    metrics = [printed_metric(name) for name in scores]
    verdict = judged([evaluation], metrics=metrics, test_scores=scores, winner=evaluation)
    assert verdict_sentences(verdict)[0].endswith("; accuracy 80.00 % (80.00 % held out).")


def test_errors_are_above_0_and_their_metric_is_told_beside_one_without_a_unit(complete, judged):
    scores = {"r2": 0.7, "neg_root_mean_squared_error": -20.0}
    details = {"validation_scores": scores, "train_scores": scores}
    target = pd.Series([100.0, 300.0, 200.0], name="price")
    metrics = [printed_metric(name, target) for name in scores]
    test_scores = {"r2": 0.6, "neg_root_mean_squared_error": -25.0}
    evaluation = complete(0, "a", 0.7, **details)
    verdict = judged([evaluation], metrics=metrics, test_scores=test_scores, winner=evaluation)
    assert verdict_sentences(verdict)[0] == (
        "Take a: validation R² 0.7000 ± 0.0000 over 2 folds, 0.6000 on the 1,234 held-out rows; "
        "RMSE in units of price 20.0 (25.0 held out)."
    )


def test_what_was_drawn(of_folds, judged):
    evaluations = [of_folds(0, "a", [0.5, 0.6, 0.7]), of_folds(1, "b", [0.8, 0.9, 1.0])]
    told = [one for one in verdict_sentences(judged(evaluations, n_first=1)) if "was drawn" in one]
    assert told == [
        "The one that was drawn, b (90.00 % ± 8.16), is not shown to differ from the one that the "
        "search began with, a (60.00 % ± 8.16): +30.00 points [+30.00, +30.00]."
    ]


def test_how_many_the_best_was_chosen_from(of_folds, judged, failed):
    """Pruned ones lost, failed ones were never scored, and one that is there twice is one."""
    evaluations = [
        of_folds(0, "a", [0.5, 0.6, 0.7]),
        of_folds(1, "b", [0.4, 0.6, 0.7]),
        of_folds(2, "c", [0.8, 0.9, 1.0]),
        of_folds(3, "c", [0.8, 0.9, 1.0]),
        failed(4, "d", "Too late.", status="pruned"),
        failed(5, "e", "It broke."),
    ]
    told = verdict_sentences(judged(evaluations, n_first=2))
    (drawn,) = (one for one in told if "was drawn" in one or "were drawn" in one)
    assert drawn.startswith("The best of 2 that were drawn, c (90.00 % ± 8.16), is not shown")
    assert "the best of the 2 that the search began with, a (60.00 % ± 8.16): +30.00" in drawn
    caveats = [one for one in told if one.startswith("The winner was chosen from 4 configurations")]
    assert len(caveats) == 1
    assert told.index(caveats[0]) < told.index(drawn)


def test_where_nothing_was_chosen_its_choice_is_no_caveat(of_folds, judged):
    assert "chosen" not in " ".join(verdict_sentences(judged([of_folds(0, "a", [0.5, 0.6])])))


def test_of_one_split_without_held_out_scores(of_folds, judged):
    two = [of_folds(0, "a", [0.5]), of_folds(1, "b", [0.6])]
    assert (
        "The winner was chosen from 2 configurations on this split, so that its score and its "
        "lead there are optimistic."
    ) in verdict_sentences(judged(two, test_scores={}))


def test_what_learns_nothing_is_named(of_folds, judged, baselines):
    evaluations = [of_folds(0, "a", [0.8, 0.9]), of_folds(1, "sigmoid", [0.3, 0.25])]
    told = verdict_sentences(judged(evaluations, baselines=baselines))
    assert "No better than a constant prediction: sigmoid." in told


def test_what_was_drawn_and_pruned(of_folds, judged, failed):
    late = [failed(n, f"#{n}", "Too late.", status="pruned") for n in (1, 2)]
    told = verdict_sentences(judged([of_folds(0, "a", [0.5, 0.6]), *late], n_first=1))
    assert (
        "None of the 2 trials that were drawn came to its end: nothing that was drawn beat what "
        "the search began with."
    ) in told


def test_nothing_is_said_of_a_beginning_that_there_was_not(of_folds, judged):
    drawn = [of_folds(0, "a", [0.5, 0.6]), of_folds(1, "b", [0.4, 0.6])]
    told = " ".join(verdict_sentences(judged(drawn, n_first=0)))
    assert "drawn" not in told
    assert "began" not in told


def test_a_beginning_that_did_not_come_to_its_end(of_folds, judged, failed):
    evaluations = [failed(0, "a", "It broke."), of_folds(1, "b", [0.4, 0.6])]
    told = verdict_sentences(judged(evaluations, n_first=1))
    assert "Nothing of what the search began with came to its end." in told
    assert not any("None of the" in each for each in told)
