from __future__ import annotations

from pipelines.space import Choice, Entry, Range, Space, parse_space

CONDITIONAL = parse_space(
    """
optimizer: [sgd, adam]
clipping: [none, clipnorm, clipvalue]
blocks:
  - when: {optimizer: sgd}
    momentum: {low: 0.0, high: 0.9}
  - when: {clipping: clipnorm}
    clipnorm: {low: 0.1, high: 10.0, log: true}
  - when: {clipping: clipvalue, optimizer: adam}
    clipvalue: 0.5
"""
)
DEFAULTS = {"optimizer": "adam", "momentum": 0.0, "clipnorm": None, "clipvalue": None}


def drawn(space, asked=None, **answers):
    def suggest(key, domain):
        if asked is not None:
            asked.append(key)
        return answers[key]

    return space.draw(suggest)


class TestDraw:
    def test_only_what_holds_is_asked_for(self):
        asked = []
        values = drawn(CONDITIONAL, asked, optimizer="adam", clipping="none")
        assert values == {"optimizer": "adam", "clipping": "none"}
        assert asked == ["optimizer", "clipping"]

    def test_what_holds(self):
        values = drawn(
            CONDITIONAL, optimizer="sgd", clipping="clipnorm", momentum=0.5, clipnorm=1.0
        )
        assert values == {
            "optimizer": "sgd",
            "clipping": "clipnorm",
            "momentum": 0.5,
            "clipnorm": 1.0,
        }

    def test_of_two_conditions_both_must_hold(self):
        assert "clipvalue" not in drawn(
            CONDITIONAL, optimizer="sgd", clipping="clipvalue", momentum=0.0
        )
        assert drawn(CONDITIONAL, optimizer="adam", clipping="clipvalue")["clipvalue"] == 0.5

    def test_the_last_that_holds_counts(self):
        space = parse_space(
            """
activation: [relu, selu]
optimizer: [sgd, adam]
batch_norm: [null, before_dense]
blocks:
  - {when: {activation: selu}, batch_norm: null}
  - {when: {optimizer: sgd}, batch_norm: after_dense}
"""
        )
        both = drawn(space, activation="selu", optimizer="sgd")
        one = drawn(space, activation="selu", optimizer="adam")
        neither = drawn(space, activation="relu", optimizer="adam", batch_norm="before_dense")
        values = [values["batch_norm"] for values in (both, one, neither)]
        assert values == ["after_dense", None, "before_dense"]

    def test_a_condition_may_come_later_and_depend_on_others(self):
        space = parse_space(
            """
blocks:
  - {when: {batch_norm: before_dense}, dropout: 0.0}
  - {when: {activation: relu}, batch_norm: before_dense}
activation: [relu, elu]
"""
        )
        assert drawn(space, activation="relu") == {
            "activation": "relu",
            "dropout": 0.0,
            "batch_norm": "before_dense",
        }
        assert drawn(space, activation="elu") == {"activation": "elu"}

    def test_different_domains_of_a_name_have_different_keys(self):
        space = Space(
            (
                Entry("activation", Choice(("relu", "tanh", "selu"))),
                Entry("kernel_initializer", Choice(("he_normal", "he_uniform"))),
                Entry("kernel_initializer", Choice(("lecun_normal",)), {"activation": ("selu",)}),
                Entry("kernel_initializer", Choice(("a", "b")), {"activation": ("tanh",)}),
                Entry("learning_rate", Range(1e-4, 0.1)),
            )
        )
        keys = set()
        for activation in ("relu", "tanh", "selu"):

            def suggest(key, domain, activation=activation):
                keys.add(key)
                return activation if key == "activation" else getattr(domain, "labels", (0.01,))[0]

            space.draw(suggest)
        assert keys == {
            "activation",
            "kernel_initializer (he_normal/he_uniform)",
            "kernel_initializer (a/b)",
            "learning_rate",
        }

    def test_fixing(self):
        space = CONDITIONAL.with_fixed(optimizer="sgd", momentum=0.5, epochs=3)
        assert drawn(space, clipping="none") == {
            "clipping": "none",
            "optimizer": "sgd",
            "momentum": 0.5,
            "epochs": 3,
        }


class TestSuggestionsFor:
    def check(self, found, **expected):
        settled = {**DEFAULTS, **drawn(CONDITIONAL, **found)}
        assert {name: settled[name] for name in DEFAULTS} == {**DEFAULTS, **expected}

    def test_with_them_the_configuration_is_drawn(self):
        for wanted in (
            {},
            {"optimizer": "sgd", "momentum": 0.25},
            {"clipnorm": 1.0},
            {"clipvalue": 0.5},
            {"optimizer": "sgd", "clipnorm": 10.0},
        ):
            self.check(CONDITIONAL.suggestions_for(wanted, DEFAULTS), **wanted)

    def test_a_condition_of_others_is_inferred(self):
        assert CONDITIONAL.suggestions_for({"clipnorm": 1.0}, DEFAULTS) == {
            "optimizer": "adam",
            "clipping": "clipnorm",
            "clipnorm": 1.0,
        }

    def test_what_is_not_in_the_space(self):
        for wanted in (
            {"optimizer": "lion"},
            {"momentum": 0.5},  # adam has none
            {"optimizer": "sgd", "momentum": 0.95},
            {"clipnorm": 1.0, "clipvalue": 0.5},
            {"optimizer": "sgd", "clipvalue": 0.5},
            {"dropout": 0.2},
        ):
            defaults = {**DEFAULTS, "dropout": 0.0}
            assert CONDITIONAL.suggestions_for(wanted, defaults) is None
