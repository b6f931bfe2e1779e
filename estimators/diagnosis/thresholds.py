"""Where a figure begins to be a finding: published values, and those that tables have taught."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["THRESHOLDS", "Threshold"]


class Threshold(NamedTuple):
    """A bound on a figure.

    Attributes
    ----------
    value : float
    meaning : str
    source : str
        Where it is from.
    """

    value: float
    meaning: str
    source: str


AUTOTRAINER = "Zhang et al. 2021 (AutoTrainer), https://doi.org/10.1109/ICSE43902.2021.00043"
DEBUGGER = "SageMaker Debugger's built-in rules, https://docs.aws.amazon.com/sagemaker"
DEEPDIAGNOSIS = "Wardat et al. 2022 (DeepDiagnosis), https://arxiv.org/abs/2112.04036"
UMLAUT = "Schoop et al. 2021 (UMLAUT), https://doi.org/10.1145/3411764.3445538"
LECUN = "LeCun et al. 1998, https://doi.org/10.1007/3-540-49430-8_2"
MEASURED = "measured: benchmarks/diagnosis.md"

THRESHOLDS: dict[str, Threshold] = {
    "dead": Threshold(0.5, "share of the units of a layer that give 0 for every row", DEBUGGER),
    "saturated": Threshold(
        0.5,
        "share of a layer's outputs in the last hundredth of sigmoid's or tanh's range",
        f"the share is that of {DEEPDIAGNOSIS}",
    ),
    "equal": Threshold(0.5, "share of a layer's units whose weights another one has", MEASURED),
    "vanishing": Threshold(
        0.03, "gradient at the first hidden layer over that at the last", MEASURED
    ),
    "vanished": Threshold(1e-3, "the same, where it is almost nothing", AUTOTRAINER),
    "fading": Threshold(1e-4, "variance at the last hidden layer over that at the first", MEASURED),
    "exploding": Threshold(70.0, "variance or gradient at one end over the other", AUTOTRAINER),
    "input_scale": Threshold(10.0, "largest mean or deviation of a column", LECUN),
    "target_scale": Threshold(10.0, "mean or deviation of the target", LECUN),
    "target_deviation": Threshold(0.02, "deviation of the target, at the least", MEASURED),
    "large_step": Threshold(0.05, "change of a kernel in a step over its size", MEASURED),
    "small_step": Threshold(1e-4, "change of a kernel in a step over its size", MEASURED),
    "huge_step": Threshold(0.5, "the same, where there is no training to judge by", MEASURED),
    "swings": Threshold(0.2, "share of the epochs in which the training loss rises", AUTOTRAINER),
    "leap": Threshold(3.0, "largest training loss over that before the first step", MEASURED),
    "learned": Threshold(0.1, "training loss at the end, 1 for a constant", MEASURED),
    "clipped": Threshold(0.9, "share of the steps that are clipped", MEASURED),
    "kept": Threshold(0.1, "what is left of a clipped gradient's length", MEASURED),
    "lag": Threshold(0.05, "score that a linear model is ahead", MEASURED),
    "stuck": Threshold(0.1, "score that is hardly more than a constant's", MEASURED),
    "fall": Threshold(
        0.06,
        "fall of the validation loss to the last fifth of the epochs, 1 for a constant",
        MEASURED,
    ),
    "first_fall": Threshold(0.02, "the same where there are fewer than five epochs", MEASURED),
    "training_fall": Threshold(0.15, "the same of the training loss, alone", MEASURED),
    "dropout": Threshold(0.5, "dropout", UMLAUT),
    "decay": Threshold(1e-3, "what weight decay takes from a weight in a step", MEASURED),
    "memorized": Threshold(0.6, "training loss over validation loss", MEASURED),
    "rise": Threshold(
        0.1, "rise of the validation loss after its least, 1 for a constant", MEASURED
    ),
}
