from __future__ import annotations

import keras
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from estimators import KerasMLPClassifier
from pipelines import InputError, load_dataset, make_pipeline
from pipelines.preset import load_preset
from pipelines.search import make_candidates


@pytest.fixture(scope="module")
def pipeline():
    return make_pipeline(load_dataset("iris"), preset="plain", epochs=20)


def names(candidates):
    return [candidate.name for candidate in candidates]


def test_worked_example_of_two_grids(pipeline):
    grids = [
        {"activation": ["relu", "elu"], "kernel_initializer": ["he_normal"], "dropout": [0.0]},
        {
            "activation": ["selu"],
            "scaling": ["robust"],
            "hidden_layer_sizes": [[30, 20]],
            "global_clipnorm": [1.0],
        },
    ]
    candidates = make_candidates(pipeline, grids)
    assert [candidate.number for candidate in candidates] == [0, 1, 2]
    assert names(candidates) == [
        "relu, he_normal",
        "elu, he_normal",
        "global_clipnorm 1, layers 30-20, scaling robust, selu, auto",
    ]
    assert candidates[0].params == {
        "model__activation": "relu",
        "model__kernel_initializer": "he_normal",
        "model__dropout": 0.0,
    }
    assert candidates[2].params == {
        "model__activation": "selu",
        "preprocessing__numeric__scaling__method": "robust",
        "model__hidden_layer_sizes": (30, 20),
        "model__global_clipnorm": 1.0,
    }
    assert candidates[0].hyperparameters == {
        "activation": "relu",
        "dropout": 0.0,
        "global_clipnorm": None,
        "hidden_layer_sizes": (100,),
        "kernel_initializer": "he_normal",
        "scaling": "standard",
    }
    assert candidates[2].hyperparameters == {
        "activation": "selu",
        "dropout": 0.0,
        "global_clipnorm": 1.0,
        "hidden_layer_sizes": (30, 20),
        "kernel_initializer": "auto",
        "scaling": "robust",
    }


def test_defaults_are_those_of_the_pipeline_not_of_the_class(pipeline):
    (candidate, _) = make_candidates(pipeline, [{"dropout": [0.5]}, {"epochs": [3]}])
    assert candidate.hyperparameters == {"dropout": 0.5, "epochs": 20}


def test_a_configuration_of_several_grids_comes_once(pipeline):
    grids = [
        {"activation": ["relu", "elu"]},
        {"activation": ["elu", "tanh", "tanh"]},
        {"model__activation": ["relu"]},
    ]
    candidates = make_candidates(pipeline, grids)
    assert names(candidates) == ["relu", "elu", "tanh"]
    assert [candidate.number for candidate in candidates] == [0, 1, 2]


def test_a_path_is_a_name_too(pipeline):
    path = "preprocessing__numeric__scaling__method"
    by_path = make_candidates(pipeline, [{"model__dropout": [0.1, 0.2], path: ["minmax"]}])
    by_name = make_candidates(pipeline, [{"dropout": [0.1, 0.2], "scaling": ["minmax"]}])
    assert by_path == by_name
    assert by_path[0].hyperparameters == {"dropout": 0.1, "scaling": "minmax"}


def test_a_path_without_a_shorter_name_keeps_its_own(pipeline):
    path = "preprocessing__numeric__imputer__strategy"
    candidates = make_candidates(pipeline, [{path: ["mean", "median"]}])
    assert candidates[0].params == candidates[0].hyperparameters == {path: "mean"}


def test_a_lone_estimator_and_any_pipeline_will_do():
    grid = {"activation": ["relu", "elu"]}
    alone = make_candidates(KerasMLPClassifier(), [grid])
    assert [candidate.params for candidate in alone] == [
        {"activation": "relu"},
        {"activation": "elu"},
    ]


@pytest.mark.parametrize(
    ("grid", "expected"),
    [
        ({}, ["defaults"]),
        ({"dropout": [0.0, 0.5]}, ["defaults", "dropout 0.5"]),
        (
            {"batch_norm": [None, "after_dense", True]},
            ["defaults", "batch_norm after_dense", "batch_norm"],
        ),
        ({"nesterov": [False, True], "momentum": [0.9]}, ["defaults", "nesterov"]),
        ({"shuffle": [True, False]}, ["defaults", "no shuffle"]),
        ({"hidden_layer_sizes": [[8], [8, 4]]}, ["layers 8", "layers 8-4"]),
        (
            {"hidden_layer_sizes": [50, [50]]},
            ["layers 50 (0)", "layers 50 (1)"],
        ),
        (
            {"activation": ["relu"], "kernel_initializer": ["he_normal", "auto"]},
            ["he_normal", "auto"],
        ),
    ],
)
def test_labels_tell_only_what_varies_and_is_unusual(pipeline, grid, expected):
    assert names(make_candidates(pipeline, [grid])) == expected


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "activation": st.lists(st.sampled_from(["relu", "elu"]), min_size=1, max_size=3),
                "kernel_initializer": st.lists(
                    st.sampled_from(["auto", "zeros"]), min_size=1, max_size=3
                ),
                "batch_norm": st.lists(
                    st.sampled_from([None, False, True, "after_dense"]), min_size=1, max_size=4
                ),
                "hidden_layer_sizes": st.lists(
                    st.sampled_from([100, 8, [8], (8,), [8, 8]]), min_size=1, max_size=3
                ),
                "dropout": st.lists(st.sampled_from([0.0, 0.5]), min_size=1, max_size=3),
            },
        ),
        min_size=1,
        max_size=2,
    )
)
def test_whatever_the_grids_candidates_line_up_and_can_be_told_apart(pipeline, grids):
    candidates = make_candidates(pipeline, grids)
    assert len(set(names(candidates))) == len(candidates)
    assert all(len(name) < 100 for name in names(candidates))
    assert {tuple(candidate.hyperparameters) for candidate in candidates} == {
        tuple(sorted({name for grid in grids for name in grid}))
    }
    chosen = [candidate.params for candidate in candidates]
    assert all(params not in chosen[:number] for number, params in enumerate(chosen))


@pytest.mark.parametrize("sizes", [[6, 3], (6, 3)])
def test_layers_may_be_a_list_or_a_tuple(pipeline, sizes):
    (candidate,) = make_candidates(pipeline, [{"hidden_layer_sizes": [sizes]}])
    assert candidate.params == {"model__hidden_layer_sizes": (6, 3)}
    assert candidate.hyperparameters == {"hidden_layer_sizes": (6, 3)}


def test_a_list_of_callbacks_stays_a_list(pipeline):
    callbacks = [keras.callbacks.TerminateOnNaN()]
    candidates = make_candidates(pipeline, [{"callbacks": [None, callbacks]}])
    assert candidates[1].params == {"model__callbacks": callbacks}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("activaton", "activation"),
        ("Dropout", "dropout"),
        ("model__epoch", "model__epochs"),
        ("scalling", "scaling"),
    ],
)
def test_unknown_name(pipeline, name, meant):
    message = rf"names '{name}', which is no hyperparameter \(did you mean '{meant}'\?\); the table"
    with pytest.raises(InputError, match=message):
        make_candidates(pipeline, [{"epochs": [1]}, {name: [1]}])


@pytest.mark.parametrize("name", ["zzzzzz", 7])
def test_unknown_name_that_is_like_no_other(pipeline, name):
    with pytest.raises(InputError, match=rf"names {name!r}, which is no hyperparameter; the table"):
        make_candidates(pipeline, [{name: [1]}])


def test_one_hyperparameter_under_two_names(pipeline):
    message = "names 'epochs' and 'model__epochs', which are the same hyperparameter; leave one out"
    with pytest.raises(InputError, match=message):
        make_candidates(pipeline, [{"epochs": [1], "model__epochs": [2]}])


def test_nothing_to_search(pipeline):
    with pytest.raises(InputError, match="The grid is empty; give at least one hyperparameter"):
        make_candidates(pipeline, [])


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"activation": ["relu", "relo"]}, r"'activation' parameter .* Got 'relo' instead"),
        ({"dropout": [1.5]}, r"'dropout' parameter .* in the range \[0.*1.*\)\. Got 1\.5 instead"),
        ({"scaling": ["robusst"]}, r"'method' parameter of NumericScaler .* Got 'robusst' instead"),
        ({"hidden_layer_sizes": [[8, 0]]}, r"must hold ints of 1 or more.* Got 0 among \(8, 0\)"),
        ({"epochs": ["ten"]}, r"'epochs' parameter .* Got 'ten' instead"),
        ({"clipnorm": [1.0], "clipvalue": [1.0]}, "At most one of the parameters clipnorm"),
    ],
)
def test_impossible_value(pipeline, grid, message):
    with pytest.raises(InputError, match=f"^The grid has an impossible value: .*{message}"):
        make_candidates(pipeline, [{"learning_rate": [0.1]}, grid])


def test_all_faults_of_a_configuration_stand_in_one_line(pipeline):
    with pytest.raises(InputError, match=r"activation.*dropout") as caught:
        make_candidates(pipeline, [{"activation": ["relo"], "dropout": [2]}])
    assert "\n" not in str(caught.value)


def test_impossible_value_of_any_other_step():
    pipeline = make_pipeline(load_dataset("iris"), preset="plain")
    pipeline.steps.insert(1, ("again", StandardScaler()))
    with pytest.raises(InputError, match=r"'with_mean' parameter .* Got 'maybe' instead"):
        make_candidates(pipeline, [{"again__with_mean": ["maybe"]}])


def test_the_estimator_is_left_as_it_was(pipeline):
    make_candidates(pipeline, [{"activation": ["selu"], "scaling": ["robust"]}])
    assert pipeline["model"].activation == "relu"
    assert pipeline.get_params()["preprocessing__numeric__scaling__method"] == "standard"


def test_too_many_combinations_are_counted_not_made(pipeline):
    rates = [number / 10_000 for number in range(1, 3001)]
    grid = {"learning_rate": rates, "momentum": rates, "dropout": rates}
    message = r"The grid has 27,000,000,000 combinations, more than 100,000; list fewer values, or"
    with pytest.raises(InputError, match=message):
        make_candidates(pipeline, [grid])


def test_one_that_is_far_from_the_defaults_is_named_by_what_it_is_near_to(pipeline):
    fast = load_preset("fast", load_dataset("iris")).hyperparameters
    around = {**{name: [value] for name, value in fast.items()}, "dropout": [0.15, 0.3]}
    single = {name: [value] for name, value in fast.items()} | {"n_members": [1]}
    grids = [around, single, {"activation": ["relu", "elu"], "n_members": [1]}]
    candidates = make_candidates(pipeline, grids, {"preset fast": fast})
    assert names(candidates) == [
        "preset fast (0)",  # which is there by its name as well
        "preset fast, dropout 0.3",
        "preset fast, n_members 1",
        "relu",
        "elu",
        "preset fast",
    ]


def test_named_configurations_come_last_and_all_have_the_same_columns():
    pipeline = make_pipeline(load_dataset("iris"), preset="plain", epochs=20)
    one, other = make_candidates(
        pipeline, [{"activation": ["relu"]}], {"preset x": {"dropout": 0.1, "scaling": "robust"}}
    )
    assert other.name == "preset x"
    assert other.params["model__dropout"] == 0.1
    assert one.hyperparameters == {"activation": "relu", "dropout": 0.0, "scaling": "standard"}
    assert other.hyperparameters == {"activation": "relu", "dropout": 0.1, "scaling": "robust"}
