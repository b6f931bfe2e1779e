from __future__ import annotations

import pytest

from pipelines.optuna_search import plots_page, study_plots

OF_SEVERAL = ["History", "Importances", "Parallel coordinates", "Slices"]


@pytest.fixture(scope="module")
def searched(make_search, data):
    return make_search(n_trials=8, cv=2, sampler="random").fit(data.X, data.y)


@pytest.mark.filterwarnings("error")
class TestOneObjective:
    def test_titles(self, searched):
        plots = study_plots(searched.study_, ("score",), "accuracy")
        assert [*plots] == [*OF_SEVERAL, "Intermediate values"]

    def test_the_history_has_every_complete_trial(self, searched):
        history = study_plots(searched.study_, ("score",), "accuracy")["History"]
        complete = [one for one in searched.evaluations_ if one.status == "complete"]
        assert [*history.data[0].x] == [one.candidate.number for one in complete]
        assert history.data[1].y[-1] == searched.best_score_
        assert history.layout.yaxis.title.text == "validation accuracy"
        assert [*history.data[0].y] == [one.validation_mean("accuracy") for one in complete]

    def test_the_intermediate_values_have_pruned_ones_too(self, searched):
        figure = study_plots(searched.study_, ("score",), "accuracy")["Intermediate values"]
        lengths = sorted(len(trace.x) for trace in figure.data)
        assert lengths == sorted(len(one.curves["loss"]) for one in searched.evaluations_)

    def test_they_are_the_same_again(self, searched):
        one, other = (study_plots(searched.study_, ("score",), "accuracy") for _ in range(2))
        assert one["Importances"].to_json() == other["Importances"].to_json()

    def test_of_one_trial(self, make_search, data):
        search = make_search(n_trials=1, epochs=1).fit(data.X, data.y)
        assert [*study_plots(search.study_, ("score",), "accuracy")] == [
            "History",
            "Intermediate values",
        ]

    def test_without_anything_to_vary(self, make_search, data):
        search = make_search("activation: elu", n_trials=2, epochs=1).fit(data.X, data.y)
        assert [*study_plots(search.study_, ("score",), "accuracy")] == [
            "History",
            "Intermediate values",
        ]

    def test_of_equal_values(self, make_search, data):
        search = make_search(n_trials=4, epochs=1, objectives="n_weights").fit(data.X, data.y)
        titles = [*study_plots(search.study_, ("n_weights",), "accuracy")]
        assert titles == ["History", "Parallel coordinates", "Slices", "Intermediate values"]


def test_several_objectives(make_search, data):
    text = "hidden_layer_sizes: [[2], [4], [8]]\nactivation: [relu, elu]"
    objectives = ("score", "n_weights")
    search = make_search(text, n_trials=6, epochs=1, cv=2, objectives=objectives)
    search.fit(data.X, data.y)
    plots = study_plots(search.study_, objectives, "accuracy")
    assert [*plots] == [
        "Pareto front",
        *(f"{title} of validation accuracy" for title in OF_SEVERAL),
        *(f"{title} of n_weights" for title in OF_SEVERAL),
    ]
    sizes = [one.folds[0].n_weights for one in search.evaluations_]
    assert [*plots["History of n_weights"].data[0].y] == sizes
    assert sum(len(trace.x) for trace in plots["Pareto front"].data) == 6


def test_a_page(searched):
    page = plots_page(study_plots(searched.study_, ("score",), "accuracy"), title="A <b> & c")
    assert page.count("<h2>") == 5
    assert page.count("plotly-graph-div") == 5
    assert "<title>A &lt;b&gt; &amp; c</title>" in page
    assert "https://cdn" not in page.split("</head>")[1]
