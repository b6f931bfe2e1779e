from __future__ import annotations

from pipelines.ablation.sentences import ablation_sentences, change_text


def told(ablation):
    return ablation_sentences(ablation)


def test_what_carries_the_gain_comes_first(judged, scores):
    first, second, *others = told(judged(scores))
    assert (
        first == "Dropout carries the gain of best over plain; activation is not shown to matter."
    )
    assert second.startswith(
        "Validation accuracy: plain 60.15 % (59.15 % on the 36 rows held out), best 90.15 % "
        "(89.15 % on the 36 rows held out): +30.00 points [+29.18, +30.82], p < 0.001."
    )
    assert (
        "Added alone it helps plain, but in best the others make up for it: minibatches." in others
    )
    assert any(one.startswith("With 2 seeds of 2 folds a difference of ") for one in others)
    assert others[-1] == (
        "A fit of best takes 6.0 s of training (3 epochs of 2.0 s), one of plain 3.0 s (3 of 1.0 s)."
    )


def test_several_that_carry_it_the_greatest_first(judged, scores):
    both = {**scores, "activation left out of best": scores["minibatches added to plain"]}
    first = told(judged(both))[0]
    assert first.startswith("Dropout and activation carry the gain of best over plain")


def test_what_only_works_with_others(judged, scores):
    apart = {**scores, "dropout added to plain": [[0.302, 0.3], [0.303, 0.301]]}
    assert (
        "Only together with others: dropout; added alone to plain it hurts, and left out of best "
        "it is missed."
    ) in told(judged(apart))


def test_what_is_better_left_out(judged, scores):
    better = {**scores, "activation left out of best": [[0.95, 0.953], [0.951, 0.954]]}
    assert "best is better without activation." in told(judged(better))


def test_what_costs_time_for_nothing(judged, scores):
    """Dropout doubles the seconds of the networks that have it."""
    idle = {**scores, "dropout left out of best": scores["best"]}
    assert "Without dropout, which is not missed, training takes 50 % less time." in told(
        judged(idle)
    )


def test_techniques_that_change_nothing_say_nothing_of_what_would_be_seen(judged, scores):
    def power(scores):
        (sentence,) = (one for one in told(judged(scores)) if "2 seeds of 2 folds" in one)
        return sentence

    left_out = [f"{name} left out of best" for name in ("activation", "dropout")]
    idle = {**scores, **dict.fromkeys(left_out, scores["best"])}
    assert "a difference of 0.00 points" not in power(idle)
    left_out.append("minibatches left out of best")
    idle = {**scores, **dict.fromkeys(left_out, scores["best"])}
    assert power(idle).endswith(
        "are too few to say what difference would be seen: raise seeds or folds."
    )


def test_no_more_points_than_there_are_can_be_seen(judged, scores):
    wild = [[0.1, 0.99], [0.1, 0.95]]
    left_out = [f"{name} left out of best" for name in ("activation", "dropout", "minibatches")]
    assert (
        "With 2 seeds of 2 folds not even a difference of 100.00 points would be seen in 4 of 5 "
        "cases: raise seeds or folds."
    ) in told(judged({**scores, **dict.fromkeys(left_out, wild)}))


def test_where_nothing_is_gained(judged, scores):
    same = dict.fromkeys(scores, scores["plain"])
    assert told(judged(same))[0] == (
        "best is not shown to be better than plain: none of the 3 is shown to matter."
    )


def test_where_the_best_is_worse(judged, scores):
    swapped = {**scores, "plain": scores["best"], "best": scores["plain"]}
    assert told(judged(swapped))[0].startswith("best is worse than plain")


def test_where_an_end_fails(judged, scores):
    first, second, *_, last = told(judged({**scores, "best": None}))
    assert first == (
        "best was not trained to its end, while plain was; where one of activation, dropout and "
        "minibatches is left out of it, it is."
    )
    assert second == "best has no score: Training diverged."
    assert last == "Not trained to the end: best."


def test_what_alone_makes_the_best_fail(judged, scores):
    others = {f"{name} left out of best": None for name in ("activation", "minibatches")}
    sentences = told(judged({**scores, "best": None, **others}))
    assert sentences[0].endswith("; where dropout is left out of it, it is.")
    assert not any("nan" in one or "too few" in one for one in sentences)


def test_where_both_ends_fail(judged, scores):
    first, second, *_ = told(judged({**scores, "best": None, "plain": None}))
    assert first == "There is no verdict: neither plain nor best was trained to its end."
    assert second == "best and plain have no score: Training diverged."


def test_where_plain_fails_what_is_missed_carries_the_gain(judged, scores):
    sentences = told(judged({**scores, "plain": None}))
    assert (
        sentences[0]
        == "Dropout carries the gain of best over plain, which was not trained to its end."
    )
    assert sentences[1] == "plain has no score: Training diverged."
    assert (
        "Added alone they help plain, but in best the others make up for them: activation and minibatches."
        in sentences
    )


def test_a_failure_without_it_carries_and_is_told(judged, scores):
    sentences = told(judged({**scores, "dropout left out of best": None}))
    assert sentences[0].startswith("Dropout carries the gain")
    assert sentences[-1] == "Not trained to the end: dropout left out of best."


def test_the_hyperparameters_of_a_technique(judged, scores):
    assert change_text(judged(scores).worths[0]) == (
        "activation selu instead of relu, parametric_activation yes instead of no"
    )


def test_where_no_technique_alone_is_missed(judged, scores):
    """Each makes up for the other."""
    redundant = {**scores, "dropout left out of best": scores["activation left out of best"]}
    assert told(judged(redundant))[0] == (
        "best is better than plain, but no technique is missed where it alone is left out; "
        "activation is not shown to matter."
    )
