"""Pages about the techniques, one each, made from what a technique says of itself and the studies."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from sphinx.application import Sphinx

from estimators.techniques import (
    CLASSIFIER_TECHNIQUES,
    RECURRENT_CLASSIFIER_TECHNIQUES,
    RECURRENT_REGRESSOR_TECHNIQUES,
    RECURRENT_TECHNIQUES,
    REGRESSOR_TECHNIQUES,
    TECHNIQUES,
    Hyperparameter,
    Reference,
    Rule,
    Technique,
)
from pipelines.preprocessing import Scaling
from pipelines.study import read_claims
from restructured_text import bullets, definition, heading, linked, list_table, literal

__all__ = ["index_page", "measured_arms", "measured_claims", "setup", "technique_page", "title_of"]

STUDIES = Path(__file__).parents[1] / "techniques"

_ESTIMATORS: Mapping[str, Sequence[Technique]] = {
    "KerasMLPClassifier": CLASSIFIER_TECHNIQUES,
    "KerasMLPRegressor": REGRESSOR_TECHNIQUES,
    "KerasRNNClassifier": RECURRENT_CLASSIFIER_TECHNIQUES,
    "KerasRNNRegressor": RECURRENT_REGRESSOR_TECHNIQUES,
}

_ROLES = {
    "static": "each value has a compiled program of its own",
    "dynamic": "all values share a compiled program",
    "initialization": "decides the weights before the first step, and needs no program of its own",
    "training": "decides what happens around the steps, and needs no program of its own",
}

_MARKS = {"better": "▲", "worse": "▼", "no difference shown": "○", "fails": "✕"}

_NO_STUDY = """\
The studies have no arm for it. What it is worth on a table of your own says the page of a search
over its hyperparameters, see :doc:`/generated/examples/plot_which_technique_helps`."""

_PLACES = re.compile(r"(?P<name>\w+)=\{(?P=name)(?:!r)?\}|\{(?P<word>\w+)(?:!r)?\}|\{\w+:[^}]+\}")


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the pages before Sphinx looks for its sources."""
    app.connect("config-inited", lambda app, config: write_pages(Path(app.srcdir)))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write_pages(source: Path) -> None:
    """Write the index and a page for each technique into ``generated/techniques``."""
    folder = source / "generated" / "techniques"
    folder.mkdir(parents=True, exist_ok=True)
    techniques = (*TECHNIQUES, *RECURRENT_TECHNIQUES, Scaling())
    pages = {"index": index_page(techniques)}
    pages |= {page_name(technique): technique_page(technique) for technique in techniques}
    for stale in {path.stem for path in folder.glob("*.rst")} - set(pages):
        (folder / f"{stale}.rst").unlink()
    for name, text in pages.items():
        path = folder / f"{name}.rst"
        # What has not changed is not read again.
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def page_name(technique: Technique) -> str:
    """Return the name of a technique's page, which is that of its module."""
    return type(technique).__module__.rpartition(".")[2]


def title_of(technique: Technique) -> str:
    """Return what people call a technique.

    Examples
    --------
    >>> title_of(TECHNIQUES[0])
    'Activation'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(technique).__name__).capitalize()


def index_page(techniques: Iterable[Technique]) -> str:
    """Return the page that leads to the others, with the studies' verdicts."""
    groups: dict[str, list[Technique]] = {}
    for technique in techniques:
        groups.setdefault(_group(technique), []).append(technique)
    parts = [
        heading("Techniques", "="),
        "What the estimators know, a page each: what it is, when it helps and when it does not, the "
        "paper, its hyperparameters with the values that a search tries, and what was measured.",
    ]
    for group, members in groups.items():
        rows = [
            (
                f":doc:`{title_of(technique)} <{page_name(technique)}>`",
                _says(technique),
                ", ".join(literal(one.name) for one in technique.hyperparameters),
            )
            for technique in members
        ]
        parts += [
            heading(group, "-"),
            list_table(("technique", "what it is", "hyperparameters"), rows, widths=(20, 40, 40)),
        ]
    names = "\n".join(f"   {page_name(one)}" for members in groups.values() for one in members)
    parts.append(f".. toctree::\n   :hidden:\n\n{names}")
    return "\n\n".join(parts) + "\n"


def technique_page(technique: Technique) -> str:
    """Return the page of a technique."""
    parts = [heading(title_of(technique), "="), _says(technique), _used_by(technique)]
    summaries = [row for row in technique.summary if row.rule]
    if summaries or technique.rules:
        parts.append(heading("When", "-"))
    if summaries:
        parts.append(bullets(_summary(row.parameters, row.values, row.rule) for row in summaries))
    if technique.rules:
        parts += [
            "A combination that breaks one of these rules trains all the same, and warns with the "
            "remedy; one that cannot work is refused.",
            list_table(
                ("rule", "otherwise", "remedy"),
                [_rule_row(rule) for rule in technique.rules],
                widths=(25, 40, 35),
            ),
        ]
    parts.append(heading("Hyperparameters", "-"))
    parts += [_hyperparameter(one) for one in technique.hyperparameters]
    if technique.choices:
        parts.append(
            "A space also chooses "
            + "; ".join(
                f"{literal(name)} from {literal(_values(domain.values))}"
                for name, domain in technique.choices.items()
            )
            + ", which decides about the others."
        )
    parts += [heading("Measured worth", "-"), *_worth(technique)]
    docs = " ".join(one.doc for one in technique.hyperparameters)
    papers = {each.key: each for row in technique.summary for each in row.references}
    papers |= {each.key: each for each in technique.references}
    papers |= {key: _references()[key] for key in re.findall(r"\[(\w+)\]_", docs)}
    if papers:
        parts.append(heading("References", "-"))
        parts.append(bullets(f"`{each.text} <{each.url}>`__" for each in papers.values()))
    return "\n\n".join(parts) + "\n"


def measured_arms(technique: Technique, table: pd.DataFrame) -> pd.DataFrame:
    """Return what a study measured of a technique's arms.

    Parameters
    ----------
    technique : Technique
    table : DataFrame
        A ``docs/techniques/*.csv``.

    Returns
    -------
    DataFrame
        Columns "arm", "verdict", "difference", "low", "high" and "epoch_time_ratio"; a row for each
        arm that is compared with the baseline. Where validation rows lie so far outside that the
        study leaves them out of its verdicts, they are left out here.
    """
    quantity = "in_range" if table["in_range_difference"].notna().any() else "validation"
    columns = {
        "arm": "arm",
        f"{quantity}_verdict": "verdict",
        f"{quantity}_difference": "difference",
        f"{quantity}_difference_low": "low",
        f"{quantity}_difference_high": "high",
        "epoch_time_ratio": "epoch_time_ratio",
    }
    arms = {arm.name for arm in technique.arms}
    chosen = table[table["row"].isin(arms) & table["validation_verdict"].notna()]
    return chosen[list(columns)].rename(columns=columns)


def measured_claims(technique: Technique, report: str) -> list[tuple[str, str, str]]:
    """Return claims about a technique, with verdict and evidence, from a study's report.

    Parameters
    ----------
    technique : Technique
    report : str
        A ``docs/techniques/*.md``.

    Returns
    -------
    list of tuple of (claim, verdict, evidence)
    """
    told = {
        text: (verdict, evidence)
        for text, verdict, evidence in re.findall(
            r"^\| (.+?) \| (\S .+?) \| (.+) \|$", report, re.MULTILINE
        )
    }
    declared, claims = read_claims()
    found = []
    for claim in claims:
        owners = {name for arm in claim.arms for name in _owners(arm, declared["arms"])}
        if type(technique).__name__ in owners and claim.text in told:
            found.append((claim.text, *told[claim.text]))
    return found


def _owners(arm: str, changed: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Names of the techniques that an arm of a claim is about."""
    changes = changed.get(arm, {})
    base = changes.get("arm", arm)
    for technique in (*TECHNIQUES, Scaling()):
        name = type(technique).__name__
        if arm not in changed and base in {one.name for one in technique.arms}:
            yield name
        if {one.name for one in technique.hyperparameters} & set(changes):
            yield name


def _group(technique: Technique) -> str:
    if isinstance(technique, Scaling):
        return "Of the preprocessing"
    has = {name for name, techniques in _ESTIMATORS.items() if _is_among(technique, techniques)}
    if all("RNN" in name for name in has):
        return "Of recurrent networks"
    if all("Classifier" in name for name in has):
        return "Of classifiers"
    if all("Regressor" in name for name in has):
        return "Of regressors"
    return "Of all networks" if len(has) == len(_ESTIMATORS) else "Of multilayer perceptrons"


def _is_among(technique: Technique, techniques: Iterable[Technique]) -> bool:
    return any(type(one) is type(technique) for one in techniques)


def _used_by(technique: Technique) -> str:
    has = [name for name, known in _ESTIMATORS.items() if _is_among(technique, known)]
    if not has:
        return "It is part of the preprocessing, see :func:`pipelines.make_pipeline`."
    return "Of " + ", ".join(f":class:`~estimators.{name}`" for name in has) + "."


def _says(technique: Technique) -> str:
    return inspect.cleandoc(type(technique).__doc__ or "").splitlines()[0]


def _summary(parameters: str, values: str, rule: str) -> str:
    """Return a row of README's table, which is Markdown, as a line."""
    of = f"{parameters} ({values})" if parameters and values else parameters or values
    return f"{_from_markdown(of)}: {_from_markdown(rule)}."


def _from_markdown(text: str) -> str:
    return re.sub(r"(?<!\S)_(?=\w)|(?<=\w)_\*", r"\\\g<0>", re.sub(r"`([^`]+)`", r"``\1``", text))


def _rule_row(rule: Rule) -> tuple[str, str, str]:
    consequence = "error" if rule.fatal else "warning"
    return (
        rule.name,
        f"{_without_places(rule.message)} ({consequence})",
        _without_places(rule.remedy),
    )


def _without_places(text: str) -> str:
    """Return a format string with the names of hyperparameters where their values would be."""
    known = {
        one.name
        for technique in (*TECHNIQUES, *RECURRENT_TECHNIQUES)
        for one in technique.hyperparameters
    }

    def word(match: re.Match[str]) -> str:
        name = match["name"] or match["word"]
        return literal(name) if name in known else "…"

    return _PLACES.sub(word, text)


def _hyperparameter(one: Hyperparameter) -> str:
    default = json.dumps(one.default) if isinstance(one.default, str) else repr(one.default)
    lines = [
        linked(one.doc, {key: (each.text, each.url) for key, each in _references().items()}),
        f"Compiling: {_ROLES[one.role]}.",
    ]
    if one.search:
        domains = [
            literal(_values(domain.values))
            + "".join(
                f" {'where' if number == 0 else 'and'} {literal(f'{name}: {_values(allowed)}')}"
                for number, (name, allowed) in enumerate(domain.when.items())
            )
            for domain in one.search
        ]
        lines.append("A search tries " + "; ".join(domains) + ".")
    else:
        lines.append("A search leaves it at its default.")
    kind = one.type.replace("*", r"\*")
    return definition(f"{literal(one.name)} : {kind}, default={literal(default)}", lines)


def _references() -> dict[str, Reference]:
    """The references of all techniques, for one may cite another's."""
    return {
        each.key: each for one in (*TECHNIQUES, *RECURRENT_TECHNIQUES) for each in one.references
    }


def _values(values: Any) -> str:
    """Return a domain in the notation of a space file."""
    return json.dumps(values, ensure_ascii=False, default=list)


def _worth(technique: Technique) -> Iterator[str]:
    found = False
    for path in sorted(STUDIES.glob("*.csv")):
        table = pd.read_csv(path)
        report = path.with_suffix(".md").read_text("utf-8")
        rows = [_measured(row) for row in measured_arms(technique, table).to_dict("records")]
        claims = measured_claims(technique, report)
        if not rows and not claims:
            continue
        found = True
        title = report.splitlines()[0].removeprefix("# ")
        yield heading(path.stem.replace("_", " ").capitalize(), "~")
        yield f"From :doc:`{title} </techniques/{path.stem}>`."
        if rows:
            seeds, baseline, metric = _comparison(report)
            yield (
                f"Against {baseline}, with {seeds} seeds each: difference of the {metric} on "
                "validation rows, with its 95 % interval, and the time of an epoch over the baseline's."
            )
            yield list_table(
                ("arm", "verdict", "difference", "time of an epoch"), rows, widths=(35, 25, 25, 15)
            )
        if claims:
            yield "What is said of it, tried:"
            yield list_table(("claim", "verdict", "evidence"), claims, widths=(40, 15, 45))
    if not found:
        yield _NO_STUDY


def _comparison(report: str) -> tuple[str, ...]:
    """Return number of seeds, baseline, and metric with its unit and direction."""
    told = re.search(
        r"trained with (\d+) seeds and compared with (.+), seed by seed. Figures are of (.+), means",
        report,
    )
    if told is None:
        raise ValueError("The study's report does not begin with what was compared, and how.")
    return told.groups()


def _measured(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    mark = _MARKS[row["verdict"]]
    low, high = f"{row['low']:+.4g}", f"{row['high']:+.4g}"
    # Of what did not come to its end with every seed no difference is told.
    difference = "" if row["verdict"] == "fails" else f"{row['difference']:+.4g} [{low}, {high}]"
    ratio = f"{row['epoch_time_ratio']:.2f}"
    return row["arm"], f"{mark} {row['verdict']}", difference, ratio
