"""All that this project uses of MLflow although it is private, undocumented or a bug.

``tests/pipelines/tracking/test__mlflow.py`` says of each what breaks when MLflow changes it.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import time
import uuid
import warnings
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.tracking.context.registry import resolve_tags
from mlflow.utils import environment as mlflow_environment

from pipelines.tracking.environment import environment_variables

__all__ = [
    "MODEL_TRAINING_TAG",
    "has_generated_name",
    "newest_view",
    "quiet",
    "requirements_unchecked",
    "resolve_run_tags",
    "restore_killed",
    "view_tag",
]

# So that the UI opens an experiment as model training, not as generative AI.
MODEL_TRAINING_TAG = ("mlflow.experimentKind", "custom_model_development")

_VIEW_TAG = "mlflow.sharedViewState."
_WIDTHS = {"name": 360, "param": 130, "metric": 130}  # of columns, in pixels

_GENERATED_NAME = re.compile(r"[a-z]+-[a-z]+-\d+")
_INFORMATIVE_LOGGERS = ("alembic", "mlflow")
_SECONDS_TO_OVERWRITE = 20.0


def resolve_run_tags() -> dict[str, str]:
    """Resolve the tags that MLflow's ``start_run`` gives a run: user, source and its commit.

    ``MlflowClient.create_run`` gives none.
    """
    return resolve_tags()


def has_generated_name(run: Run) -> bool:
    """Whether the name of a run looks like one that MLflow generated."""
    return _GENERATED_NAME.fullmatch(run.info.run_name) is not None


def view_tag(
    key: str,
    name: str,
    *,
    created_at: int,
    runs: str,
    metrics: Sequence[str],
    params: Sequence[str],
    ascending: bool = False,
    pairs: Sequence[tuple[str, str]] = (),
    curves: Sequence[Sequence[str]] = (),
    closed: Sequence[str] = (),
) -> tuple[str, str]:
    """Make the experiment's tag that holds a prepared view of some runs in MLflow's UI.

    The view opens with ``viewStateShareKey=<key>`` in the address of the experiment's runs, and is
    among the saved views in the UI's menu. A UI that does not understand it shows its own.

    Parameters
    ----------
    key : str
        Of the view, unique within the experiment.
    name : str
        For people.
    created_at : int
        Unix time in milliseconds.
    runs : str
        The filter that chooses the runs.
    metrics, params : sequence of str
        The columns. The runs are sorted by the first metric, which a bar chart shows; one of
        parallel coordinates has it at the end of the params.
    ascending : bool, default=False
        Whether the lowest comes first.
    pairs : sequence of pairs of str
        Metrics against each other (x, y), a scatter chart each.
    curves : sequence of sequences of str
        Metrics by step, one line chart for each sequence.
    closed : sequence of str
        Prefixes of the metrics whose sections of charts are closed to begin with.

    Returns
    -------
    name, value : str
        Of the tag.
    """
    order = f"metrics.`{metrics[0]}`"
    run_name = "attributes.`Run Name`"
    columns = [
        *(f"metrics.`{metric}`" for metric in metrics),
        *(f"params.`{param}`" for param in params),
    ]
    scores, learning = _section("Scores"), _section("Learning curves")
    charts = [_chart("BAR", scores, metricKey=metrics[0], runsCountToCompare=20)]
    charts += [
        _chart(
            "SCATTER",
            scores,
            xaxis={"key": x, "type": "METRIC"},
            yaxis={"key": y, "type": "METRIC"},
            runsCountToCompare=100,
        )
        for x, y in pairs
    ]
    if params:
        chosen = {"selectedParams": [*params], "selectedMetrics": [metrics[0]]}
        charts.append(_chart("PARALLEL", scores, **chosen, showAllRuns=True))
    charts += [
        _chart("LINE", learning, metricKey=names[0], selectedMetricKeys=[*names], xAxisKey="step")
        for names in curves
    ]
    sections = [scores, learning, *(_section(prefix, is_open=False) for prefix in closed)]
    state = {
        "searchFilter": runs,
        "orderByKey": order,
        "orderByAsc": ascending,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "modelVersionFilter": "All Runs",
        "datasetsFilter": [],
        "selectedColumns": columns,
        "columnOrder": [run_name, "runDateAndNestInfo", *columns],
        "columnWidths": {
            run_name: _WIDTHS["name"],
            **{one: _WIDTHS["metric" if "metrics." in one else "param"] for one in columns},
        },
        "runsExpanded": {},
        "runsPinned": [],
        "runsHidden": [],
        "runsVisibilityMap": {},
        "runsHiddenMode": "FIRST_20_RUNS",
        "compareRunCharts": charts,
        "compareRunSections": sections,
        "viewMaximized": False,
        "runListHidden": False,
        "isAccordionReordered": True,
        "groupBy": None,
        "groupsExpanded": {},
        "useGroupedValuesInCharts": True,
        "hideEmptyCharts": True,
        "autoRefreshEnabled": True,
        "globalLineChartConfig": {
            "xAxisKey": "step",
            "lineSmoothness": 0,
            "selectedXAxisMetricKey": "",
        },
    }
    packed = base64.b64encode(zlib.compress(json.dumps(state).encode(), 9)).decode()
    envelope = {"name": name, "createdAt": created_at, "updatedAt": created_at}
    return f"{_VIEW_TAG}{key}", json.dumps({**envelope, "state": f"deflate;{packed}"})


def _section(name: str, *, is_open: bool = True) -> dict[str, Any]:
    fixed = {"isReordered": False, "deleted": False, "isGenerated": True}
    layout = {"columns": 2, "cardHeight": 380}
    return {"uuid": uuid.uuid4().hex[:12], "name": name, "display": is_open, **fixed, **layout}


def _chart(kind: str, section: Mapping[str, Any], **settings: Any) -> dict[str, Any]:
    placed = {"uuid": uuid.uuid4().hex[:12], "metricSectionId": section["uuid"]}
    return {"type": kind, **placed, "deleted": False, "isGenerated": False, **settings}


def newest_view(tags: Mapping[str, str]) -> tuple[int, str] | None:
    """Find the newest prepared view among an experiment's tags.

    Returns
    -------
    created_at : int
        Unix time in milliseconds.
    key : str
    """
    views = []
    for name, value in tags.items():
        if name.startswith(_VIEW_TAG):
            try:
                views.append((int(json.loads(value)["createdAt"]), name.removeprefix(_VIEW_TAG)))
            except (KeyError, TypeError, ValueError):  # one without a date, or of another format
                continue
    return max(views, default=None)


def restore_killed(
    client: MlflowClient, run_id: str, seconds: float = _SECONDS_TO_OVERWRITE
) -> None:
    """Wait until ``mlflow run`` has overwritten the status of a killed run, and restore it.

    ``mlflow run`` means to leave alone what has ended already, but MLflow 3.17 compares the name
    of the status with numbers, finds nothing ended, and writes FAILED after Ctrl-C. It does so
    when the search's process is gone, so that another one has to restore KILLED.

    Parameters
    ----------
    client : mlflow.MlflowClient
    run_id : str
    seconds : float
        How long to wait; a run that is still KILLED then is left alone.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        run = client.get_run(run_id).info
        if run.status != "KILLED":
            client.set_terminated(run_id, "KILLED", end_time=run.end_time)
            return
        time.sleep(0.1)


@contextmanager
def quiet() -> Iterator[None]:
    """Let through MLflow's errors and warnings that concern the user, nothing below.

    What is held back: the log of creating a database's tables, progress bars of copying a
    few files, and hints on how to write the code that calls MLflow.
    """
    loggers = [logging.getLogger(name) for name in _INFORMATIVE_LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        with (
            environment_variables(MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false"),
            warnings.catch_warnings(),
        ):
            # Where it matters, in a model's signature, whole numbers may be missing.
            warnings.filterwarnings("ignore", message="Hint: Inferred schema contains integer")
            warnings.filterwarnings("ignore", message="The specified dataset source can be")
            warnings.filterwarnings("ignore", module=r"mlflow\.", category=DeprecationWarning)
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def requirements_unchecked() -> Iterator[None]:
    """Have models saved without a comparison of their requirements with what is installed.

    It lists the files of all installed packages, and says nothing of requirements that are pinned to
    the installed versions.
    """
    check = mlflow_environment.warn_dependency_requirement_mismatches
    mlflow_environment.warn_dependency_requirement_mismatches = lambda model_requirements: None
    try:
        yield
    finally:
        mlflow_environment.warn_dependency_requirement_mismatches = check
