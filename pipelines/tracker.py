"""What the command line and the searches need of a tracker, whatever keeps the records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

    from pipelines.data import Dataset
    from pipelines.input_statistics import ColumnStatistics
    from pipelines.search import Candidate, Evaluation, Group
    from pipelines.statistics import Verdict

__all__ = ["Champion", "Measured", "RecordedWorth", "Summary", "Tracker"]


@dataclass(frozen=True)
class Champion:
    """The model that is in use.

    Attributes
    ----------
    name : str
        Such as "houses/3".
    pipeline : sklearn.pipeline.Pipeline
        Fitted.
    digest : str
        Of the rows that it was fitted on.
    """

    name: str
    pipeline: Pipeline
    digest: str


@dataclass(frozen=True)
class Summary:
    """What a search came to, for whoever opens its record.

    Attributes
    ----------
    name : str
        Of the search.
    text : str
        The verdict, Markdown.
    metrics : tuple of str
        Recorded metrics that are shown of each candidate, or of each group; the first one ranks.
    pairs : tuple of pairs of str
        Recorded metrics to be shown against each other.
    curves : tuple of tuples of str
        Names of curves that are shown, those together in one chart that stand together.
    varied : tuple of str
        Hyperparameters that tell the candidates apart, the most telling first.
    standings : mapping of int to {"best", "tied", "worse"}
        How each candidate stands, by number; "tied" is not shown to be worse.
    greater_is_better : bool
        Of the first metric.
    """

    name: str
    text: str
    metrics: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...] = ()
    curves: tuple[tuple[str, ...], ...] = ()
    varied: tuple[str, ...] = ()
    standings: Mapping[int, Literal["best", "tied", "worse"]] = field(default_factory=dict)
    greater_is_better: bool = True


@dataclass(frozen=True)
class Measured:
    """Scores of a model on the rows of a data set.

    Attributes
    ----------
    name, digest : str
        Of the data set.
    scores : mapping of str to float
        By recorded name.
    """

    name: str
    digest: str
    scores: Mapping[str, float]


@dataclass(frozen=True)
class RecordedWorth:
    """What hyperparameters that belong together were worth on a data set.

    Attributes
    ----------
    dataset : str
        Its name.
    task : str
        Its task, "classification" or "regression", with " of sequences" where it has these: what
        helps recurrent networks says nothing of others.
    hyperparameters : mapping of str to object
    verdict : {"better", "worse", "no difference shown", "fails", "no verdict"}
        Of these values against others.
    """

    dataset: str
    task: str
    hyperparameters: Mapping[str, Any]
    verdict: Verdict


class Tracker(Protocol):
    """Keeps the record of a search, of which it is an observer, and finds earlier evaluations.

    A context manager around the whole search: entered before anything is recorded, and left with
    the exception, if any, that has ended the search. Its methods return soon and, once it is
    entered, raise nothing for want of a place to record to: a search does not end because of that.
    They may be called from several threads. :class:`pipelines.tracking.MLflowTracker` records in
    MLflow.

    Attributes
    ----------
    run_id : str
        By which people find the record at its address.
    address : str
        Where the record is, without passwords.
    view : str or None
        The address for a browser that shows the record as it was summarized, once it has been.
    """

    run_id: str
    address: str
    view: str | None

    def __enter__(self) -> Tracker: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def find_evaluations(self, fingerprints: Sequence[str]) -> Mapping[str, Evaluation]:
        """Find evaluations by their fingerprints, to resume an earlier search.

        Parameters
        ----------
        fingerprints : sequence of str

        Returns
        -------
        mapping of str to Evaluation
            Those that are known, by fingerprint; a failed one is not, so that it is tried again.
            See :meth:`pipelines.search.Evaluation.of`.
        """

    def on_search_begin(self, n_candidates: int, n_splits: int) -> None:
        """Record how much there is to do."""

    def on_candidate_begin(self, candidate: Candidate) -> None:
        """Record that a candidate has begun."""

    def epoch_writer(
        self, candidate: Candidate
    ) -> Callable[[int, Mapping[str, float]], None] | None:
        """Give what the candidate's worker calls after each epoch, or None.

        It goes there by pickle, and takes the number of the epoch, from 1, and the means over the
        folds of loss and metrics.
        """

    def on_candidate_end(self, evaluation: Evaluation) -> None:
        """Record everything that was measured of a candidate."""

    def on_candidate_resumed(self, evaluation: Evaluation) -> None:
        """Record a candidate, begin and end, that an earlier search has evaluated."""

    def on_group_begin(self, group: Group) -> None:
        """Record that a group has begun; its candidates belong below it, unless another has them."""

    def on_group_end(self, group: Group, evaluations: Sequence[Evaluation]) -> None:
        """Record what the candidates of a group give together."""

    def on_search_end(self) -> None:
        """Called after the last candidate, before the best one is fitted on all rows."""

    def run_address(self, number: int) -> str | None:
        """Give the address of a candidate's record, by its number, for a browser, or None."""

    def log_settings(self, settings: Mapping[str, Any]) -> None:
        """Record the settings of the search."""

    def log_dataset(self, dataset: Dataset, context: str = "development") -> None:
        """Record name, digest and size of a data set, and what it was used for."""

    def log_text(self, text: str, path: str) -> None:
        """Keep a text as a file, such as a grid's YAML or a page of HTML."""

    def log_bytes(self, content: bytes, path: str) -> None:
        """Keep the content of a file that is no text, such as a picture."""

    def log_metrics(self, number: int, metrics: Mapping[str, float]) -> None:
        """Record what is only known after the end of a candidate or group, by its number."""

    def log_results(self, results: pd.DataFrame) -> None:
        """Keep the table of results, as ``results.csv`` among others."""

    def log_table(self, table: pd.DataFrame, name: str) -> None:
        """Keep another table, as CSV among others, such as that of what was found in the data."""

    def log_worths(self, worths: Sequence[RecordedWorth]) -> None:
        """Record what techniques were worth, for searches on other data."""

    def find_worths(self) -> Sequence[RecordedWorth]:
        """Find what techniques were worth in all that is recorded here, the newest first."""

    def log_source(self, address: str) -> None:
        """Record the address of the model whose network the best one has begun with."""

    def log_best(self, evaluation: Evaluation) -> None:
        """Record which candidate is the best, with its scores."""

    def log_summary(self, summary: Summary) -> None:
        """Record what the search came to, and prepare what is seen of its record first."""

    def log_test_scores(self, scores: Mapping[str, float]) -> None:
        """Record the best one's scores on the test rows, by metric."""

    def log_model(
        self,
        pipeline: Pipeline,
        X_example: pd.DataFrame,
        statistics: Mapping[str, ColumnStatistics] | None = None,
        *,
        name: str = "model",
        hyperparameters: Mapping[str, Any] = MappingProxyType({}),
        measured: Sequence[Measured] = (),
    ) -> None:
        """Keep a fitted pipeline.

        Parameters
        ----------
        pipeline : sklearn.pipeline.Pipeline
        X_example : DataFrame
            Some rows of its input.
        statistics : mapping of str to ColumnStatistics, optional
            Of the rows that it was trained on.
        name : str, default="model"
            To keep it under, such as that of the data set.
        hyperparameters : mapping of str to object, optional
        measured : sequence of Measured, optional
            Its scores.
        """

    def kept_model(self, name: str = "model") -> str | None:
        """Wait until the model of a name is kept, and give its address.

        Parameters
        ----------
        name : str, default="model"
            That it was to be kept under.

        Returns
        -------
        str or None
            None where it could not be kept.
        """

    def find_champion(self, name: str) -> Champion | None:
        """Find the model that is in use under a name, or None."""

    def register_model(
        self, model: str, name: str, *, card: str, tags: Mapping[str, str], champion: bool
    ) -> str | None:
        """Register a model that was kept.

        Parameters
        ----------
        model : str
            Its address.
        name : str
            To register it under.
        card : str
            What there is to say about it, in Markdown.
        tags : mapping of str to str
        champion : bool
            Whether it is in use from now on.

        Returns
        -------
        str or None
            Name and version; None where it could not be registered.
        """
