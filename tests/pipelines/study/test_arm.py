from __future__ import annotations

from estimators.techniques import TECHNIQUES
from pipelines.study import VARIANTS, technique_arm


def test_it_is_the_techniques_own():
    for technique in TECHNIQUES:
        for declared in technique.arms:
            arm = technique_arm(declared.name)
            assert (arm.label, arm.hyperparameters) == (declared.label, declared.hyperparameters)
            assert arm.variants == VARIANTS


def test_changes():
    arm = technique_arm("selu", "raw selu", scaling="none", epochs=3)
    assert (arm.name, arm.label) == ("selu", "raw selu")
    assert arm.hyperparameters == {
        "activation": "selu",
        "kernel_initializer": "lecun_normal",
        "scaling": "none",
        "epochs": 3,
    }
    assert technique_arm("selu").hyperparameters["scaling"] == "standard"
