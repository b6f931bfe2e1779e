"""The command ``predict``."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines.cli.options import prepare_process, sequence_options, text_options
from pipelines.cli.types import Names, Optional
from pipelines.errors import InputError
from pipelines.output import check_output_file

__all__ = ["predict"]

_REPORTS = (".html", ".csv")


@click.command()
@click.option(
    "--model",
    default="",
    help="Run id, runs:/ or models:/ address, registered name@alias, or folder.",
)
@click.option("--dataset", default="", help="CSV, Parquet, .ts or NumPy file with what to predict.")
@click.option(
    "--output", default="predictions.csv", show_default=True, help="File for the predictions."
)
@click.option(
    "--keep",
    type=Names(),
    default="",
    help="Columns of the file that the predictions have too, such as an identifier.",
)
@click.option(
    "--interval",
    type=Optional(float),
    default="0.9",
    show_default=True,
    help="Share of such rows that an interval around a predicted number holds; empty for none.",
)
@click.option(
    "--drift",
    type=Optional(str),
    default="",
    help="File (.html or .csv) for a table of how the columns have shifted.",
)
@text_options
@sequence_options
def predict(
    model: str,
    dataset: str,
    output: str,
    keep: tuple[str, ...],
    interval: float | None,
    drift: str | None,
    encoding: str | None,
    separator: str | None,
    sequence_id: str | None,
    sequence_time: str | None,
) -> None:
    """Predict the rows of a file with a model that was recorded."""
    for option, value in (("model", model), ("dataset", dataset)):
        if not value:
            raise InputError(f"A prediction needs {option}; give it, as in {option}=...")
    from pipelines.data.reading import SUFFIXES, column_names, refuse_address, text_format
    from pipelines.data.sequences import SEQUENCE_SUFFIXES

    # What is wrong with the files is said before the model is fetched.
    refuse_address(dataset)
    path = Path(dataset).expanduser()
    format = None
    if path.suffix.lower() not in SEQUENCE_SUFFIXES:
        format = text_format(path, encoding=encoding, separator=separator)
        column_names(path, format)
    check_output_file(Path(output).expanduser(), SUFFIXES)
    if drift is not None:
        check_output_file(Path(drift).expanduser(), _REPORTS)
    if interval is not None and not 0 < interval < 1:
        raise InputError(
            f"interval is the share of rows that it holds, above 0 and below 1, but it is {interval:g}."
        )
    prepare_process()

    from pipelines.prediction import predict_file
    from pipelines.tracking import load_model

    loaded = load_model(model)
    done = predict_file(
        loaded.pipeline,
        path,
        Path(output).expanduser(),
        statistics=loaded.statistics,
        keep=keep,
        coverage=interval,
        format=format,
        sequence_id=sequence_id,
        sequence_time=sequence_time,
    )
    if done.drift is None:
        click.echo("The model has no statistics of its input, so none are compared.", err=True)
    else:
        if sentence := done.drift.sentence():
            click.echo(f"Drift: {sentence}", err=True)
        if drift is not None:
            done.drift.write(Path(drift).expanduser())
    told = ""
    if interval is not None and done.has_intervals:
        told = f", each with the interval in which {100 * interval:.4g} % of such rows lie"
    click.echo(f"Wrote {done.n_rows:,} predictions to {output}{told}.")
