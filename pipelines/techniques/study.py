"""The study: every row of a table, with several seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pipelines.data import Dataset
from pipelines.errors import InputError
from pipelines.pipeline import make_pipeline
from pipelines.search import FindEvaluations, SearchObserver, check_values
from pipelines.techniques.execution import run_plan
from pipelines.techniques.plan import Plan, make_plan
from pipelines.techniques.result import StudyResult
from pipelines.techniques.splits import Rows, split_rows
from pipelines.techniques.table import Variant, choose_rows, table_for

__all__ = ["TechniquesStudy"]


class TechniquesStudy:
    """Compare techniques on a data set: all rows of a table, with several seeds each.

    Parameters
    ----------
    rows : sequence of str, default=()
        Names of rows, to which the baseline is added; empty for all of the table.
    repeats : int, default=5
        Seeds, from ``random_state`` on. They decide the initial weights, the order of the rows
        and what is random in the layers; the split is the same for all.
    variants : sequence of {"as described", "as run"}, default=("as described", "as run")
        Which hyperparameters of the rows are run. On data without a published table the two are
        the same.
    hyperparameters : mapping of str to object, default=None
        Hyperparameters of every row in place of the table's, such as ``{"epochs": 5}``.
    test_size : float, default=0.2
        Share of the test rows, of data that has no published split.
    random_state : int, default=0
        The first seed, and the seed of the split.
    n_jobs : int, default=None
        Fits at once, as in joblib. Fits that share the machine have no times worth comparing.
    line_observers : sequence of SearchObserver, default=()
        Told of each fit and, as of candidates too, of each row with its seeds as the folds; not
        of beginning and end of the study.
    observers : sequence of SearchObserver, default=()
        Told of each fit.
    resume : callable, default=None
        Gives fits that are known already; see :func:`pipelines.search.evaluate_all`.

    Examples
    --------
    >>> from pipelines import load_dataset
    >>> study = TechniquesStudy(rows=["selu"], repeats=2, hyperparameters={"epochs": 1})
    >>> result = study.run(load_dataset("iris"))
    >>> [line.name for line in result.lines]
    ['glorot, relu', 'lecun normal, selu']
    """

    def __init__(
        self,
        *,
        rows: Sequence[str] = (),
        repeats: int = 5,
        variants: Sequence[Variant] = get_args(Variant),
        hyperparameters: Mapping[str, Any] | None = None,
        test_size: float = 0.2,
        random_state: int = 0,
        n_jobs: int | None = None,
        line_observers: Sequence[SearchObserver] = (),
        observers: Sequence[SearchObserver] = (),
        resume: FindEvaluations | None = None,
    ):
        self.rows = rows
        self.repeats = repeats
        self.variants = variants
        self.hyperparameters = hyperparameters
        self.test_size = test_size
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.line_observers = line_observers
        self.observers = observers
        self.resume = resume

    def plan(self, dataset: Dataset) -> Plan:
        """Say what would be run on a data set.

        Raises
        ------
        InputError
            For an unknown row, fewer than one repeat, an impossible hyperparameter, or a data set
            that cannot be split.
        """
        if self.repeats < 1:
            raise InputError(f"repeats must be 1 or more, but it is {self.repeats}.")
        pipeline = make_pipeline(dataset)
        plan = make_plan(
            choose_rows(table_for(dataset), self.rows),
            pipeline,
            variants=self.variants,
            seeds=range(self.random_state, self.random_state + self.repeats),
            overrides=self.hyperparameters or {},
        )
        for unit in plan.units:
            check_values(pipeline, unit, source="The study")
        split_rows(dataset, test_size=self.test_size, random_state=self.random_state)
        return plan

    def run(self, dataset: Dataset) -> StudyResult:
        """Run the study.

        Parameters
        ----------
        dataset : Dataset

        Returns
        -------
        StudyResult

        Raises
        ------
        InputError
            As :meth:`plan`.
        """
        plan = self.plan(dataset)
        rows = split_rows(dataset, test_size=self.test_size, random_state=self.random_state)
        executed = run_plan(
            plan,
            dataset,
            rows,
            n_jobs=self.n_jobs,
            line_observers=self.line_observers,
            observers=self.observers,
            resume=self.resume,
        )
        return StudyResult(
            dataset=dataset.name,
            table=choose_rows(table_for(dataset), self.rows),
            measure=executed.measure,
            seeds=plan.seeds,
            lines=executed.lines,
            n_far=executed.n_far,
            facts=self._facts(dataset, rows, plan),
        )

    def _facts(self, dataset: Dataset, rows: Rows, plan: Plan) -> dict[str, Any]:
        settings = plan.lines[0].hyperparameters
        return {
            "data set": dataset.name,
            "rows to train, validate and test on": " / ".join(f"{len(part):,}" for part in rows),
            "hidden layers": "-".join(map(str, settings["hidden_layer_sizes"])),
            "optimizer": f"{settings['optimizer']}, learning rate {settings['learning_rate']:g}",
            "batch size": settings["batch_size"],
            "epochs": settings["epochs"],
            "seeds": f"{plan.seeds[0]} to {plan.seeds[-1]}",
            "fits at once": self.n_jobs or 1,
        }
