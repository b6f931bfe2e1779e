"""A study's report as files."""

from __future__ import annotations

from pathlib import Path

from pipelines.errors import InputError
from pipelines.study import StudyResult
from pipelines.study.report.page import StudyReport
from pipelines.study.report.results_table import results_table

__all__ = ["write_report"]


def write_report(study: StudyResult, report: StudyReport, folder: str | Path) -> Path:
    """Write page, Markdown, table and figures.

    Parameters
    ----------
    study : StudyResult
    report : StudyReport
        With the figures' path as the data set's name.
    folder : str or path-like
        Made if it is not there. Gets ``<data set>.html``, ``.md`` and ``.csv``, and the figures in
        a folder named as the data set.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        If the files cannot be written.
    """
    name = study.dataset
    contents = {
        f"{name}.html": report.html.encode(),
        f"{name}.md": report.markdown.encode(),
        f"{name}.csv": results_table(study).to_csv(index=False).encode(),
        **{f"{name}/{drawing.name}.png": drawing.png for drawing in report.drawings},
    }
    folder = Path(folder)
    try:
        (folder / name).mkdir(parents=True, exist_ok=True)
        for path, content in contents.items():
            (folder / path).write_bytes(content)
    except OSError as error:
        raise InputError(
            f"The report cannot be written to {folder}: {error.strerror}; give another output."
        ) from error
    return folder / f"{name}.html"
