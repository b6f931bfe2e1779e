"""What a training technique says of itself, so that everything else can be made from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from estimators.techniques.rule import Rule

if TYPE_CHECKING:
    import keras
    import tensorflow as tf
    from numpy.typing import NDArray

    from estimators.engine.rows import Rows
    from estimators.features import FeatureSchema

__all__ = [
    "Arm",
    "Hyperparameter",
    "NetworkPlan",
    "Params",
    "Reference",
    "SearchDomain",
    "Stage",
    "Steps",
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
    built_in : float or None
        The value of a "dynamic" one, beside None and 0, that programs have built in.
    may_change : bool
        Whether training may go on with another value, as with any "training" one: neither network
        nor optimizer are built from it.
    rescales_loss : bool
        Whether validation losses under two values are in different units.
    """

    name: str
    default: Any
    constraint: Sequence[Any]
    type: str
    doc: str
    role: Literal["static", "dynamic", "initialization", "training"] = "static"
    search: Sequence[SearchDomain] = ()
    built_in: float | None = None
    may_change: bool = False
    rescales_loss: bool = False


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


@dataclass(frozen=True)
class Steps:
    """The steps of an epoch, among all that schedules span.

    Attributes
    ----------
    numbers : ndarray of shape (n_steps,), int
        From 0, over all epochs.
    n_total : int
        Steps of all epochs.
    seed : int
        Of the training; equal in all epochs.
    epoch : int
        Number of the epoch since the network was made, from 0.
    """

    numbers: NDArray[Any]
    n_total: int
    seed: int = 0
    epoch: int = 0

    @property
    def progress(self) -> NDArray[Any]:
        """The share of the training that lies behind each step, in [0, 1).

        Raises
        ------
        ValueError
            If the training goes on beyond its end.
        """
        if self.numbers[-1] >= self.n_total:
            raise ValueError(
                "partial_fit cannot go on beyond the end of a schedule, which is after as many "
                "epochs as the parameter epochs says: raise epochs, or set the schedules to "
                "'constant'."
            )
        progress: NDArray[Any] = self.numbers / self.n_total
        return progress


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

    @property
    def name(self) -> str:
        """What people call it: the words of the class, such as "batch normalization"."""
        return re.sub(r"\B(?=[A-Z])", " ", type(self).__name__).lower()

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

    def complete(self, network: keras.Model, plan: NetworkPlan) -> None:
        """Change what of a network that was just built is trained, and how."""

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

    def after_training(self, network: keras.Model, validation: Rows | None, params: Params) -> None:
        """Change a network once its training has ended.

        Parameters
        ----------
        network : keras.Model
        validation : Rows or None
            The rows on which it was evaluated after each epoch.
        params : mapping of str to object
            Hyperparameters, resolved.
        """

    def change_gradients(
        self, gradients: Sequence[tf.Tensor], params: Params
    ) -> Sequence[tf.Tensor]:
        """Return the gradients as the optimizer is to get them, one a weight array.

        Called while a program is traced: hyperparameters with the role "dynamic" are tensors
        among ``params``, unless they are None or 0.
        """
        return gradients

    def change_weight(self, weight: tf.Tensor, params: Params) -> tf.Tensor:
        """Return a weight array as it is to be before the optimizer's own update.

        Called as :meth:`change_gradients` is, but with arrays of one dimension joined to one, and
        with hyperparameters that are this array's own, see :meth:`factors`.
        """
        return weight

    def factors(self, path: str, params: Params) -> Mapping[str, float]:
        """Return factors of dynamic hyperparameters that count for one weight array alone.

        Parameters
        ----------
        path : str
            Of the Keras variable; see :func:`estimators.techniques.weight_kind.weight_kind`.
        params : mapping of str to object

        Returns
        -------
        mapping of str to float
            By name of the hyperparameter; of those that are left out it is 1.
        """
        return {}

    def rests(self, params: Params) -> tf.Tensor | None:
        """Say where a weight array, and what the optimizer keeps of it, stays as it is in a step.

        Called as :meth:`change_weight` is. Where it rests its gradient is 0, before gradients are
        clipped.

        Returns
        -------
        tf.Tensor of bool, or None
            For the array, or each of its elements; None where it never rests.
        """
        return None

    def values_by_step(self, params: Params, steps: Steps) -> Mapping[str, NDArray[Any]]:
        """Return values of dynamic hyperparameters that change from step to step.

        Parameters
        ----------
        params : mapping of str to object
            "learning_rate" as callbacks have left it, or by step under a Keras schedule.
        steps : Steps

        Returns
        -------
        mapping of str to ndarray of shape (n_steps,)
        """
        return {}

    def needs_engine(self, params: Params) -> str | None:
        """Say why ``Model.fit`` cannot train this, if so, as a clause without a full stop."""
        return None
