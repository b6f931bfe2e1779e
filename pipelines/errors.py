"""What a user is told when the input is at fault, and how such a sentence is composed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from importlib.util import find_spec

__all__ = ["InputError", "check_choice", "check_installed", "did_you_mean", "listed", "listed_with"]


class InputError(ValueError):
    """The input cannot be used; the message is one sentence for the user.

    It names the thing, the rule that it broke and what to do. The command line prints the
    message on standard error and ends with exit code 2.
    """


def check_choice(kind: str, name: str, choices: Iterable[str]) -> None:
    """Refuse a name that is none of some.

    Parameters
    ----------
    kind : str
        What the names are of, for the sentence.
    name : str
        What was written.
    choices : iterable of str

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_choice("tree", "aok", ["oak"])
    Traceback (most recent call last):
    pipelines.errors.InputError: There is no tree 'aok' (did you mean 'oak'?); choose one of oak.
    """
    choices = list(choices)
    if name not in choices:
        raise InputError(
            f"There is no {kind} {name!r}{did_you_mean(name, choices)}; choose one of "
            f"{', '.join(choices)}."
        )


def check_installed(package: str, *, extra: str, needed_by: str) -> None:
    """Refuse to go on without a package that an extra of this project brings.

    Parameters
    ----------
    package : str
        As it is imported.
    extra : str
    needed_by : str
        What needs it, at the beginning of the sentence.

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_installed("nowhere", extra="dask", needed_by="backend=dask")
    Traceback (most recent call last):
    pipelines.errors.InputError: backend=dask needs nowhere, which is not installed; install it \
with pip install 'mlp-techniques[dask]'.
    """
    if find_spec(package) is None:
        raise InputError(
            f"{needed_by} needs {package}, which is not installed; install it with pip install "
            f"'mlp-techniques[{extra}]'."
        )


def did_you_mean(word: object, known: Iterable[object]) -> str:
    """Return a suggestion in brackets for a misspelt word.

    Parameters
    ----------
    word : object
        What was written, text or a name of another kind.
    known : iterable
        What could have been meant.

    Returns
    -------
    str
        `` (did you mean '...'?)`` with a leading space, or an empty string where nothing is
        near.

    Examples
    --------
    >>> did_you_mean("Digts", ["digits", "iris"])
    " (did you mean 'digits'?)"
    >>> did_you_mean("mnist", ["iris"])
    ''
    >>> did_you_mean("income", ["income, gross"])
    ' (did you mean "income, gross", in double quotes because of the comma?)'
    """
    written, names = str(word), [str(name) for name in known]
    torn = [name for name in names if "," in name and written in map(str.strip, name.split(","))]
    if torn:
        return f' (did you mean "{torn[0]}", in double quotes because of the comma?)'
    lowered = {name.lower(): name for name in names}
    near = difflib.get_close_matches(written.lower(), lowered, n=1)
    return f" (did you mean {lowered[near[0]]!r}?)" if near else ""


def listed(items: Iterable[object], limit: int = 12) -> str:
    """Return items as a list inside a sentence, cut after `limit` of them.

    Parameters
    ----------
    items : iterable
        What to list.
    limit : int, default=12
        How many are written out.

    Returns
    -------
    str
        The items, text in quotes, separated by commas.

    Examples
    --------
    >>> listed(["age", "city"])
    "'age', 'city'"
    >>> listed(range(1, 100), limit=3)
    '1, 2, 3 and 96 more'
    """
    return _joined([repr(item) if isinstance(item, str) else str(item) for item in items], limit)


def listed_with(items: Iterable[tuple[str, str]], limit: int = 12) -> str:
    """Return names as a list inside a sentence, each with a remark in brackets.

    Examples
    --------
    >>> listed_with([("age", "3.1"), ("city", "1.2"), ("rate", "0.9")], limit=2)
    "'age' (3.1), 'city' (1.2) and 1 more"
    """
    return _joined([f"{name!r} ({remark})" for name, remark in items], limit)


def _joined(written: Sequence[str], limit: int) -> str:
    more = len(written) - limit
    return ", ".join(written[:limit]) + (f" and {more} more" if more > 0 else "")
