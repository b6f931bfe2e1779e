"""The group of commands, and what it says when something is wrong."""

from __future__ import annotations

import atexit
import gc
import sys
import warnings
from typing import TYPE_CHECKING, Any

import click

from pipelines.cli.compare import compare
from pipelines.cli.diagnose import diagnose
from pipelines.cli.explain import explain
from pipelines.cli.export import export
from pipelines.cli.grid import grid
from pipelines.cli.mlproject import mlproject_text
from pipelines.cli.optuna import optuna
from pipelines.cli.predict import predict
from pipelines.cli.techniques import techniques
from pipelines.cli.transfer import transfer
from pipelines.cli.ui import ui
from pipelines.cli.upload import upload
from pipelines.errors import InputError
from pipelines.signals import interruptible

if TYPE_CHECKING:
    from pipelines.data.task import Task

__all__ = ["cli", "main"]


@click.group()
def cli() -> None:
    """Find the initializer, activation, normalization and clipping that suit your data."""


ENTRY_POINTS = (
    grid,
    optuna,
    explain,
    diagnose,
    techniques,
    transfer,
    predict,
    compare,
    export,
)
"""The commands that ``mlflow run`` starts."""


@click.command()
def mlproject() -> None:
    """Print the file MLproject, with an entry point for each command that makes a run."""
    commands = {command.name or "": command for command in ENTRY_POINTS}
    click.echo(mlproject_text(commands), nl=False)


@click.command()
@click.option("--data", "kind", type=click.Choice(["table", "image", "sequence"]), default="table")
@click.option("--task", type=click.Choice(["classification", "regression"]), required=True)
def space(kind: str, task: Task) -> None:
    """Print the space that a search draws from by default."""
    from pipelines.space import default_space

    click.echo(default_space(kind, task), nl=False)


@click.command()
def hyperparameters() -> None:
    """Print the hyperparameters, with their values, rules and sources, as a Markdown table."""
    from estimators.documentation import hyperparameter_table
    from estimators.techniques import RECURRENT_TECHNIQUES, TECHNIQUES
    from pipelines.preprocessing import Scaling

    click.echo(hyperparameter_table([*TECHNIQUES, *RECURRENT_TECHNIQUES, Scaling()]))


for command in (*ENTRY_POINTS, ui, upload, mlproject, space, hyperparameters):
    cli.add_command(command)


def main() -> None:
    """Run the command line; what is wrong with the input is one sentence and exit code 2."""
    # Nothing is freed as the process ends: to go through all that TensorFlow has made takes seconds.
    atexit.register(gc.freeze)
    try:
        with interruptible(), warnings.catch_warnings():
            warnings.showwarning = _tell(warnings.showwarning)
            cli(standalone_mode=False)
    except InputError as error:
        _fail(str(error))
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        _fail(error.format_message())
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted; what was finished is kept in MLflow.", err=True)
        sys.exit(130)


def _tell(show: Any) -> Any:
    """Show what is said to the user as a sentence, without the line of the program that says it."""

    def tell(message: Warning | str, category: type[Warning], *where: Any, **how: Any) -> None:
        if issubclass(category, UserWarning | RuntimeWarning):
            click.echo(f"Warning: {message}", err=True)
        else:
            show(message, category, *where, **how)

    return tell


def _fail(message: str) -> None:
    click.echo(f"Error: {message}", err=True)
    sys.exit(2)
