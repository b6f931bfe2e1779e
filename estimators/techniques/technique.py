"""What a training technique says of itself, so that everything else can be made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from estimators.techniques.rule import Rule

if TYPE_CHECKING:
    import keras
    import tensorflow as tf
    from numpy.typing import NDArray

    from estimators.features import FeatureSchema

__all__ = [
    "Arm",
    "Hyperparameter",
    "NetworkPlan",
    "Params",
    "Reference",
    "SearchDomain",
    "Stage",
    "Summary",
    "Technique",
]

Params: TypeAlias = Mapping[str, Any]

Stage = Literal[
    "input", "before_dense", "dense", "after_dense", "activation", "after_activation", "output"
]
"""Where a layer stands: before all others, in each hidden layer, in this order, or at the end."""


@dataclass(frozen=True)
class Reference:
    """A paper or page behind a technique.

    Attributes
    ----------
    key : str
        How docstrings cite it, such as "He2015".
    text : str
        Authors and year.
    url : str
    """

    key: str
    text: str
    url: str

    def __str__(self) -> str:
        return f"{self.text}, {self.url}"


@dataclass(frozen=True)
class SearchDomain:
    """The values that a search tries by default, in the notation of a space file.

    Attributes
    ----------
    values : object
        One value, a list to choose from, a mapping with low, high and perhaps log or step, or one
        with depth and width.
    when : mapping of str to object
        Other hyperparameters and the values under which this domain counts; of several that hold
        the last one does. "data" is "table" or "image".
    """

    values: Any
    when: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Hyperparameter:
    """A parameter of the estimators.

    Attributes
    ----------
    name : str
    default : object
    constraint : sequence
        What it may be, as scikit-learn's ``_parameter_constraints`` have it.
    type : str
        What numpydoc writes behind the name, without the default.
    doc : str
        Its paragraph in the docstring.
    role : {"static", "dynamic", "initialization", "training"}
        "static" decides what a training step computes, so that each value has a compiled
        program of its own; a "dynamic" value is a number that a program is given when it runs;
        "initialization" decides weights before the first step only, and "training" what happens
        around the steps.
    search : sequence of SearchDomain
        What a search tries by default; empty leaves it at its default.
    """

    name: str
    default: Any
    constraint: Sequence[Any]
    type: str
    doc: str
    role: Literal["static", "dynamic", "initialization", "training"] = "static"
    search: Sequence[SearchDomain] = ()


@dataclass(frozen=True)
class Arm:
    """A setting under which a technique is compared with others.

    Attributes
    ----------
    name : str
    label : str
        What people read.
    hyperparameters : mapping of str to object
    """

    name: str
    label: str
    hyperparameters: Params


@dataclass(frozen=True)
class Summary:
    """A row of README's table of hyperparameters.

    Attributes
    ----------
    parameters, values : str
        In Markdown.
    rule : str
        In a few words.
    references : tuple of Reference
    """

    parameters: str
    values: str
    rule: str = ""
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class NetworkPlan:
    """What a network is being built from.

    Attributes
    ----------
    params : mapping of str to object
        Hyperparameters, resolved; see :func:`estimators.techniques.resolve`.
    seeds : iterator of int
        Gives a seed for each random part, in the order in which they are built.
    n_outputs : int
    output_activation : str
    index : int
        Number of the hidden layer, from 0.
    features : FeatureSchema or None
        What the columns of the input are; None where all of them are plain numbers.
    for_engine : bool
        Whether the compiled engine trains this network itself, and never hands it out: layers may
        be of other classes, with the same weights in the same order.
    """

    params: Params
    seeds: Iterator[int]
    n_outputs: int
    output_activation: str
    index: int = 0
    features: FeatureSchema | None = None
    for_engine: bool = False


class Technique:
    """Base class: a technique that does nothing.

    A subclass is one file of :mod:`estimators.techniques` and says all there is to say about a
    technique. Its methods get hyperparameters as plain mappings and keep no state.

    Attributes
    ----------
    hyperparameters : tuple of Hyperparameter
    rules : tuple of Rule
        How it goes together with others.
    references : tuple of Reference
    choices : mapping of str to mapping
        Names that only a search space knows, each with its domain, by which it decides about
        hyperparameters.
    arms : tuple of Arm
        Settings under which studies compare it.
    summary : tuple of Summary
        Its rows in README's table.
    """

    hyperparameters: ClassVar[tuple[Hyperparameter, ...]] = ()
    rules: ClassVar[tuple[Rule, ...]] = ()
    references: ClassVar[tuple[Reference, ...]] = ()
    choices: ClassVar[Mapping[str, SearchDomain]] = {}
    arms: ClassVar[tuple[Arm, ...]] = ()
    summary: ClassVar[tuple[Summary, ...]] = ()

    def layers_by_row(self) -> tuple[type, ...]:
        """Return its own classes of layers that compute each row by itself.

        The compiled engine trains networks of these and of Keras' own such layers; others go
        through ``Model.fit``.
        """
        return ()

    def faults(self, params: Params) -> Iterator[str]:
        """Yield what is impossible in the hyperparameters together, a sentence each.

        Each sentence may hold ``{estimator}``, the name of the estimator's class.
        """
        return iter(())

    def resolve(self, params: Params) -> Params:
        """Return hyperparameters in the one form that the other methods know."""
        return {}

    def layers(self, stage: Stage, plan: NetworkPlan) -> Sequence[Callable[..., Any]]:
        """Make what stands at a stage of the network: Keras layers, or functions of a tensor."""
        return ()

    def hidden_layer(
        self, layers: Sequence[Callable[..., Any]], plan: NetworkPlan
    ) -> Sequence[Callable[..., Any]]:
        """Return the parts of a hidden layer, perhaps joined to one function of a tensor."""
        return layers

    def finish(self, layers: Sequence[Callable[..., Any]], plan: NetworkPlan) -> Sequence[Any]:
        """Return the layers of the whole network, perhaps changed."""
        return layers

    def initialize(self, network: keras.Model, X: NDArray[Any], seed: int, params: Params) -> None:
        """Change the initial weights of a network in the light of the rows it is to learn from.

        Parameters
        ----------
        network : keras.Model
        X : ndarray of shape (n_rows, n_features), float32
        seed : int
            Seed of the training.
        params : mapping of str to object
            Hyperparameters, resolved.
        """

    def optimizer_arguments(self, params: Params) -> Params:
        """Return arguments of the Keras optimizer."""
        return {}

    def change_gradients(
        self, gradients: Sequence[tf.Tensor], params: Params
    ) -> Sequence[tf.Tensor]:
        """Return the gradients as the optimizer is to get them, one a weight array.

        Called while a program is traced: hyperparameters with the role "dynamic" are tensors
        among ``params``, unless they are None or 0.
        """
        return gradients

    def change_weights(
        self, weights: Sequence[tf.Tensor], learning_rate: tf.Tensor, params: Params
    ) -> Sequence[tf.Tensor]:
        """Return the weights as they are to be before the optimizer's own update.

        Called as :meth:`change_gradients` is, but with arrays of one dimension joined to one.
        """
        return weights
