"""Options that several commands have, each group of them as one object."""

from __future__ import annotations

import functools
import gc
import warnings
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.types import Names, Optional
from pipelines.errors import InputError, check_installed

__all__ = [
    "DEFAULT_FOLDS",
    "DEFAULT_PRESETS",
    "DataOptions",
    "RunOptions",
    "ValidationOptions",
    "data_options",
    "option_group",
    "prepare_process",
    "run_options",
    "scoring_options",
    "sequence_options",
    "text_options",
]

if TYPE_CHECKING:
    from pipelines.data import Dataset
    from pipelines.search.splitters import Splitter

Command = Callable[..., Any]

DEFAULT_FOLDS = 5
DEFAULT_PRESETS = ("fast",)


@dataclass(frozen=True)
class DataOptions:
    """Which data set, and which of its columns are what."""

    dataset: str
    target: str | None
    drop: tuple[str, ...]
    groups: str | None
    task: str | None
    data_home: str | None
    time: str | None = None
    encoding: str | None = None
    separator: str | None = None
    sequence_id: str | None = None
    sequence_time: str | None = None

    def load(self, *, by_step: bool = True) -> Dataset:
        """Load the data set, and tell what was found in it.

        Parameters
        ----------
        by_step : bool, default=True
            Whether the command can take a target that differs within sequences.

        Raises
        ------
        InputError
        """
        from estimators.collector import collector_paused

        with collector_paused():
            from pipelines.data import DataWarning, load_dataset

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)
            dataset = load_dataset(
                self.dataset,
                target=self.target,
                drop=self.drop,
                groups=self.groups,
                time=self.time,
                sequence_id=self.sequence_id,
                sequence_time=self.sequence_time,
                task=self.task,
                encoding=self.encoding,
                separator=self.separator,
                data_home=self.data_home,
            )
        if dataset.by_step and not by_step:
            raise InputError(
                f"{dataset.target!r} differs within the sequences of {self.dataset}, and this command "
                "compares networks with one answer for each: name another target, make it the same "
                "in all rows of a sequence, or use grid, optuna, explain or diagnose."
            )
        for finding in dataset.findings:
            click.echo(f"Data: {finding}", err=True)
        return dataset


@dataclass(frozen=True)
class ValidationOptions:
    """How configurations are scored: held-out rows, folds and metrics."""

    scaling: str
    metrics: tuple[str, ...]
    splitter: str
    folds: int
    test_size: float
    repeats: int = 1
    baselines: str = "none"

    def can_repeat(self, development: Dataset) -> bool:
        """Whether the folds can be drawn several times."""
        is_free = development.groups is None and development.times is None
        return is_free and self.splitter in ("auto", "repeated")

    def make_splitter(self, development: Dataset, seed: int) -> Splitter:
        """Make the splitter of the cross-validation."""
        from pipelines.search import make_splitter

        return make_splitter(
            development,
            self.splitter,
            n_splits=self.folds,
            n_repeats=self.repeats,
            random_state=seed,
        )


@dataclass(frozen=True)
class RunOptions:
    """How the search runs and where it is recorded."""

    n_jobs: int
    seed: int
    resume: bool
    experiment: str
    backend: str = "loky"
    scheduler: str | None = None
    register: bool = False
    ensemble: int = 1

    def __post_init__(self) -> None:
        if (self.backend == "dask") != (self.scheduler is not None):
            raise InputError(
                "backend=dask and scheduler=<address> belong together: give both, or neither."
            )

    @property
    def leaves_cores(self) -> bool:
        """Whether the search leaves cores of this machine to others."""
        import joblib

        return self.n_jobs == 1 and self.backend == "loky" and joblib.cpu_count() > 1

    def workers(self) -> AbstractContextManager[Any]:
        """A context in which joblib has the workers that were asked for."""
        import joblib

        if self.scheduler is not None:
            check_installed("distributed", extra="dask", needed_by="backend=dask")
            from pipelines.search.dask_workers import dask_workers

            return dask_workers(self.scheduler, prepare=prepare_process)
        if self.backend == "loky":
            return joblib.parallel_config(backend="loky", initializer=prepare_process)
        return joblib.parallel_config(backend=self.backend)


def prepare_process() -> None:
    """Set up a process that will fit networks, this one or a worker's."""
    import estimators

    estimators.configure()
    gc.freeze()  # what was imported is there to stay, and need not be looked through


def _not_zero(ctx: click.Context, param: click.Parameter, value: int) -> int:
    if value == 0:
        raise click.BadParameter("0 at once is none; give 1 or more, or -1 for all cores.")
    return value


def option_group(
    name: str, group: type, options: Sequence[Callable]
) -> Callable[[Command], Command]:
    """Return a decorator that adds options to a command, which takes their values as one object.

    Parameters
    ----------
    name : str
        Of the command's argument.
    group : type
        A dataclass with a field for each option.
    options : sequence of callable
        Of ``click.option``.
    """

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def gathering(**values: Any) -> Any:
            names = [field.name for field in fields(group) if field.name in values]
            own = {name: values.pop(name) for name in names}
            return command(**values, **{name: group(**own)})

        return _with_options(gathering, options)

    return decorate


def _with_options(command: Command, options: Sequence[Callable]) -> Command:
    return functools.reduce(lambda wrapped, option: option(wrapped), options[::-1], command)


_text_option = functools.partial(click.option, type=Optional(str), default="")

_TEXT_OPTIONS = [
    _text_option("--encoding", help="Encoding of a file of text, such as cp1252; else found."),
    _text_option("--separator", help="What parts the fields of a file of text; else found."),
]


_SEQUENCE_OPTIONS = [
    _text_option(
        "--sequence-id",
        help="Column that says to which sequence a row belongs, of a file with a row a step.",
    ),
    _text_option("--sequence-time", help="Column that orders the steps of a sequence."),
]


def text_options(command: Command) -> Command:
    """Add the options of how a file of text is written."""
    return _with_options(command, _TEXT_OPTIONS)


def sequence_options(command: Command) -> Command:
    """Add the options of a file with a row for each step of a sequence."""
    return _with_options(command, _SEQUENCE_OPTIONS)


data_options = option_group(
    "data",
    DataOptions,
    [
        click.option(
            "--dataset",
            default="digits",
            show_default=True,
            help="Name, or path of a CSV, Parquet, .ts or NumPy file.",
        ),
        _text_option("--target", help="Column to predict, of a file."),
        click.option(
            "--drop",
            type=Names(),
            default="",
            help="Columns to leave out, of a file; quoted where a name has a comma.",
        ),
        _text_option("--groups", help="Column of groups that folds keep together."),
        _text_option("--time", help="Column of times; rows held out are later than others."),
        *_SEQUENCE_OPTIONS,
        _text_option("--task", help="classification or regression; else inferred."),
        *_TEXT_OPTIONS,
        _text_option("--data-home", help="Folder of downloaded data sets."),
    ],
)


def scoring_options(
    *, folds: int = DEFAULT_FOLDS, repeats: bool = True, baselines: bool = True
) -> Callable[[Command], Command]:
    """Options of how configurations are scored.

    Parameters
    ----------
    folds : int, default=5
        By default.
    repeats : bool, default=True
        Whether the folds can be drawn several times with the same seed.
    baselines : bool, default=True
        Whether there are models to compare with.
    """
    options = [
        click.option(
            "--scaling", default="auto", show_default=True, help="Scaling of numeric columns."
        ),
        click.option(
            "--metrics", type=Names(), default="", help="scikit-learn scorers; the first ranks."
        ),
        click.option(
            "--splitter",
            default="auto",
            show_default=True,
            help="auto, kfold, stratified, repeated, grouped, time or holdout.",
        ),
        click.option("--folds", type=int, default=folds, show_default=True),
        click.option(
            "--repeats",
            type=int,
            default=1,
            show_default=True,
            help="Times that the folds are drawn.",
        ),
        click.option(
            "--test-size",
            type=float,
            default=0.2,
            show_default=True,
            help="Share of rows held out.",
        ),
        click.option(
            "--baselines",
            type=click.Choice(["auto", "all", "none"]),
            default="auto",
            show_default=True,
            help="Models to compare with; auto leaves out those that data so large make slow.",
        ),
    ]
    if not baselines:
        options.pop()
    if not repeats:
        options.pop(4)
    return option_group("validation", ValidationOptions, options)


def run_options(
    experiment: str, *, backends: bool = True, models: bool = True, ensemble: int = 1
) -> Callable[[Command], Command]:
    """Options of how a search runs, with the experiment that it is recorded in by default.

    A search that shares its work in a way of its own has no backends to choose from, and one that
    keeps no model none to register. ``ensemble`` is the default of the option of that name.
    """
    model_options = [
        click.option(
            "--ensemble",
            type=click.IntRange(1),
            default=ensemble,
            show_default=True,
            help="Networks of an ensemble of the best configurations, fitted beside the best one "
            "at the end; 1 for none.",
        ),
        click.option(
            "--register",
            type=bool,
            default=False,
            show_default=True,
            help="true: register the best model under the data set's name; it becomes the champion "
            "where it is shown to be better than the present one.",
        ),
    ]
    backend_options = [
        click.option(
            "--backend",
            type=click.Choice(["loky", "threading", "dask"]),
            default="loky",
            show_default=True,
            help="What runs them: processes, threads, or the workers of Dask.",
        ),
        _text_option("--scheduler", help="Address of Dask's scheduler."),
    ]
    return option_group(
        "run",
        RunOptions,
        [
            click.option(
                "--n-jobs",
                type=int,
                default=1,
                show_default=True,
                callback=_not_zero,
                help="Configurations at once; -1 for all cores.",
            ),
            *(backend_options if backends else []),
            click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True),
            click.option(
                "--resume",
                type=bool,
                default=False,
                show_default=True,
                help="true: take over what earlier searches of the experiment have evaluated.",
            ),
            *(model_options if models else []),
            click.option(
                "--experiment", default=experiment, show_default=True, help="MLflow experiment."
            ),
        ],
    )
