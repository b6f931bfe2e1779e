"""How a text file is written: its encoding, what parts its fields, and its decimal sign."""

from __future__ import annotations

import codecs
import csv
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

from pipelines.errors import InputError

__all__ = ["TextFormat", "find_text_format", "separator_of"]

_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before that of UTF-16, with which it begins
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# What spreadsheets and databases write that do not write UTF-8.
_SINGLE_BYTE = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "koi8_r")
_SEVERAL_BYTES = ("cp932", "gb18030", "big5", "cp949")
_SEPARATORS = (",", ";", "\t", "|")
_NAMED_SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "bar": "|"}

_BLOCK = 1 << 20
_SAMPLE = 1 << 16
_FEWEST_LETTERS = 4
_SAMPLED_ROWS = 200

_POINT = re.compile(r"[+-]?\d+\.\d+")
_COMMA = re.compile(r"[+-]?\d+,\d+")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")


@dataclass(frozen=True)
class TextFormat:
    """How a text file is written.

    Attributes
    ----------
    encoding : str
        As Python calls it.
    separator : str
        The one character that parts fields.
    decimal : {".", ","}
        The sign in numbers.

    Examples
    --------
    >>> str(TextFormat("cp1250", ";", ","))
    "cp1250 text, with fields parted by ';' and decimal commas"
    """

    encoding: str = "utf-8"
    separator: str = ","
    decimal: str = "."

    def __str__(self) -> str:
        commas = " and decimal commas" if self.decimal == "," else ""
        return f"{self.encoding} text, with fields parted by {self.separator!r}{commas}"

    def is_usual(self, suffix: str) -> bool:
        """Whether it is what the ending of a file makes one expect."""
        usual = TextFormat(self.encoding, separator_of(suffix))
        return self == usual and self.encoding in ("utf-8", "utf-8-sig")


def separator_of(suffix: str) -> str:
    """Return what separates the fields of a text file with an ending such as ".csv.gz"."""
    return "\t" if suffix.startswith(".tsv") else ","


def find_text_format(
    path: Path, suffix: str, *, encoding: str | None = None, separator: str | None = None
) -> TextFormat:
    """Find how a text file is written, as far as it is not given.

    The encoding is that of the byte order mark; else UTF-8, where all of the file is; else UTF-16,
    where no byte but every other one is 0, and one in twenty is; else what charset-normalizer finds most plausible of the code pages
    that spreadsheets write. The separator is that of the ending where the line of names has it, or
    else one by which the first lines have all the same number of fields, of which there are two or
    more. The decimal sign is a comma where the first lines have no number with a point, and some
    with a comma that does not part thousands.

    Parameters
    ----------
    path : Path
    suffix : {".csv", ".csv.gz", ".tsv", ".tsv.gz"}
    encoding : str, default=None
        Any that Python knows; None finds it.
    separator : str, default=None
        One character, or "comma", "semicolon", "tab" or "bar"; None finds it.

    Returns
    -------
    TextFormat

    Raises
    ------
    InputError
        If there is no such encoding, or if the separator is not one character.
    OSError
        If the file cannot be read.
    """
    if encoding is not None:
        encoding = _known(encoding)
    if separator is not None:
        separator = _NAMED_SEPARATORS.get(separator, separator)
        if len(separator) != 1 or separator in '"\r\n':
            raise InputError(
                f"A separator is one character, and no quote or end of a line, but got {separator!r}; "
                "give one such as ';', or comma, semicolon, tab or bar."
            )
    stat = path.stat()
    found = encoding or _found_encoding(path, stat.st_size, stat.st_mtime_ns)
    rows = _first_lines(path, found)
    if separator is None:
        separator = _found_separator(rows, separator_of(suffix))
    decimal = "." if separator == "," else _found_decimal(rows, separator)
    return TextFormat(found, separator, decimal)


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise InputError(
            f"There is no text encoding {encoding!r}; give one such as utf-8, utf-16 or cp1252, or "
            "leave it out to have it found."
        ) from None


@lru_cache(
    maxsize=32
)  # a file is looked at more than once; its size and time tell that it is the same
def _found_encoding(path: Path, size: int, time: int) -> str:
    with _open(path) as file:
        head = file.read(4096)
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return encoding
    zeros = [number % 2 for number, byte in enumerate(head) if byte == 0]
    if len(zeros) > len(head) / 20 and len(set(zeros)) == 1:
        return "utf-16-le" if zeros[0] else "utf-16-be"
    sample = _beyond_utf8(path)
    return "utf-8" if sample is None else _code_page(sample)


def _beyond_utf8(path: Path) -> bytes | None:
    """Return lines that are not ASCII, of a file that is not UTF-8, or None of one that is."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, lines, size, rest = True, [], 0, b""
    for block in _blocks(path):
        if is_utf8:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                is_utf8 = False
        if size < _SAMPLE:
            *whole, rest = (rest + block).split(b"\n")
            lines += [line[:_SAMPLE] for line in whole if not line.isascii()]
            size = sum(map(len, lines))
        elif not is_utf8:
            break
    try:
        decoder.decode(b"", final=is_utf8)
    except UnicodeDecodeError:
        is_utf8 = False
    return None if is_utf8 else b"\n".join([*lines, rest[:_SAMPLE]])[: 4 * _SAMPLE]


def _code_page(sample: bytes) -> str:
    if len(re.findall(rb"[\x80-\xff]", sample)) < _FEWEST_LETTERS:
        return "cp1252"  # too few to tell pages apart by
    from charset_normalizer import from_bytes

    # Letters of several bytes stand side by side; a lone one is an accent in a text of one byte each.
    has_neighbours = re.search(rb"[\x80-\xff]{2}", sample) is not None
    candidates = (*_SINGLE_BYTE, *(_SEVERAL_BYTES if has_neighbours else ()))
    # Each word once: in a long text of digits and the same words letters count for too little. The
    # signs at which it is cut are no part of a letter of several bytes.
    words = dict.fromkeys(word for word in re.split(rb'[\s,;"]+', sample) if not word.isascii())
    found = from_bytes(b"\n".join(words), cp_isolation=list(candidates))
    # Of pages that are as plausible the first of ours, for a text of few letters is one in several.
    best = min(
        found,
        key=lambda one: (
            _signs_in_words(str(one)),
            one.chaos,
            -one.coherence,
            candidates.index(one.encoding),
        ),
        default=None,
    )
    if best is None or _same_text(sample, best.encoding, "cp1252"):
        return "cp1252"
    return best.encoding


def _signs_in_words(text: str) -> int:
    """Count what is no letter in the different words that are not ASCII, as the pound in "£ukasz"."""
    words = set(re.findall(r"(?:[A-Za-z]|[^\x00-\x7f]){2,}", text))
    return sum(not (one.isascii() or one.isalpha()) for word in words for one in word)


def _same_text(sample: bytes, encoding: str, other: str) -> bool:
    try:
        return sample.decode(encoding) == sample.decode(other)
    except UnicodeDecodeError:
        return False


def _found_separator(lines: list[str], usual: str) -> str:
    counts = {one: _field_counts(lines, one) for one in dict.fromkeys((usual, *_SEPARATORS))}
    even = {
        one: found[0] for one, found in counts.items() if found and len(set(found)) == 1 < found[0]
    }
    if usual in even or not even:
        return usual
    if counts[usual][0] > 1 and len(lines) < 3:
        return usual
    return max(even, key=even.__getitem__)


def _field_counts(lines: list[str], separator: str) -> list[int]:
    try:
        return [len(row) for row in csv.reader(lines, delimiter=separator) if row]
    except csv.Error:
        return []


def _found_decimal(lines: list[str], separator: str) -> str:
    rows = csv.reader(lines[1:], delimiter=separator)
    cells = [cell.strip() for row in rows for cell in row]
    with_comma = [cell for cell in cells if _COMMA.fullmatch(cell)]
    if any(_POINT.fullmatch(cell) for cell in cells):
        return "."
    return "," if any(not _THOUSANDS.fullmatch(cell) for cell in with_comma) else "."


def _first_lines(path: Path, encoding: str) -> list[str]:
    with _open(path) as file:
        raw = file.read(_SAMPLE)
        is_all = not file.read(1)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(raw, final=is_all)
    lines = text.splitlines(keepends=True)
    # The last one is cut, unless it is the only one.
    return (lines if is_all or len(lines) < 2 else lines[:-1])[:_SAMPLED_ROWS]


def _blocks(path: Path) -> Iterator[bytes]:
    with _open(path) as file:
        while block := file.read(_BLOCK):
            yield block


def _open(path: Path) -> IO[bytes] | gzip.GzipFile:
    if path.name.lower().endswith(".gz"):
        return gzip.open(path, "rb")
    return path.open("rb")
