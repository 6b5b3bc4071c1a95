"""Seed files: lists of values that people keep beside their policies."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from faasera.core.errors import Problems, did_you_mean

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": ""}
_MAXIMUM_BYTES = 1 << 30


@dataclass(frozen=True)
class SeedFile:
    """A seed file as it was read.

    Attributes:
        path: where it is.
        header: the columns' names; None where the file has no header line.
        columns: the values, column by column.
        first_line: the line of the first value, for messages.
    """

    path: Path
    header: tuple[str, ...] | None
    columns: tuple[tuple[str, ...], ...]
    first_line: int

    @property
    def rows(self) -> int:
        """How many values each column has."""
        return len(self.columns[0]) if self.columns else 0

    def describe(self) -> str:
        """How the file was read, for the plan."""
        heading = f"header {', '.join(self.header)}" if self.header else "no header"
        first = ", ".join(self.columns[0][:3])
        return f"{self.path.name} ({heading}; {self.rows:,} rows: {first}, …)"

    def header_looks_like_value(self) -> bool:
        """Whether the header line may be a value that somebody forgot to head."""
        if not self.header:
            return False
        for name, values in zip(self.header, self.columns, strict=True):
            if name in values or "@" in name or name.replace(".", "").replace("-", "").isdigit():
                return True
        return False


def locate(name: str, directory: Path, problems: Problems, suffixes: Iterable[str] = tuple(_SEPARATORS)) -> Path | None:
    """The path of a seed file inside the seed directory; None after a problem was reported."""
    given = Path(name)
    try:
        root = directory.resolve()
        path = (root / given).resolve()
        found = path.is_file()
    except (OSError, ValueError):
        problems.add("seed-file-missing", f"{name[:80]!r} is no name of a file", "Name a file of the seed directory.")
        return None
    if given.is_absolute() or not path.is_relative_to(root):
        problems.add(
            "seed-file-outside",
            f"'{name}' is outside the seed directory",
            "Put the file into the seed directory, and name it relative to that; no link may lead outside.",
        )
        return None
    if not found:
        near = [entry.name for entry in root.iterdir() if entry.is_file()] if root.is_dir() else []
        kept = [entry for entry in near if Path(entry).suffix in suffixes]
        problems.add(
            "seed-file-missing", f"there is no seed file '{name}' in the seed directory", did_you_mean(name, kept)
        )
        return None
    return path


def read(path: Path, separator: str | None, header: bool | None, problems: Problems) -> SeedFile | None:
    """Read a seed file; None after a problem was reported.

    Args:
        path: the file.
        separator: between columns; by default that of the file's extension (``.txt`` has one column).
        header: whether the first line is a header; by default it is, except in ``.txt``.
        problems: where to report.
    """
    text = _text(path, problems)
    if text is None:
        return None
    separator = _SEPARATORS.get(path.suffix.lower(), ",") if separator is None else separator
    has_header = path.suffix.lower() != ".txt" if header is None else header
    lines = _split(text, separator, path, problems)
    if lines is None:
        return None
    if not lines or (has_header and len(lines) == 1):
        problems.add("seed-file-empty", f"the seed file '{path.name}' has no values", "Add at least one value.")
        return None
    width = len(lines[0][1])
    for number, cells in lines:
        if len(cells) != width:
            problems.add(
                "seed-file-ragged",
                f"line {number} of '{path.name}' has {len(cells)} columns, the first line has {width}",
                "Correct the line, or name the separator with 'seedSeparator'.",
            )
            return None
    heading = tuple(cell.strip() for cell in lines[0][1]) if has_header else None
    if heading and len(set(heading)) < len(heading):
        problems.add("seed-file-header", f"'{path.name}' names a column twice in its header", "Rename one of them.")
        return None
    body = lines[1:] if has_header else lines
    columns = tuple(zip(*(cells for _, cells in body), strict=True))
    return SeedFile(path, heading, columns, body[0][0])


def _text(path: Path, problems: Problems) -> str | None:
    try:
        if path.stat().st_size > _MAXIMUM_BYTES:
            problems.add("seed-file-large", f"'{path.name}' is larger than 1 GiB", "Use a shorter list.")
            return None
        data = path.read_bytes()
    except OSError as error:
        problems.add("seed-file-unreadable", f"'{path.name}': {error.strerror}", "Check its permissions.")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.add(
            "seed-file-encoding",
            f"'{path.name}' is not UTF-8: byte {data[error.start]:#04x} on line {line}",
            "Save the file as UTF-8.",
        )
        return None


def _split(text: str, separator: str, path: Path, problems: Problems) -> list[tuple[int, list[str]]] | None:
    """The cells of each line that is not blank, with the line's number."""
    if len(separator) != 1:
        numbered = enumerate(text.splitlines(), start=1)
        return [(number, line.split(separator) if separator else [line]) for number, line in numbered if line.strip()]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if cells and (len(cells) > 1 or cells[0].strip()):
                lines.append((reader.line_num, cells))
    except csv.Error as error:
        problems.add(
            "seed-file-ragged",
            f"line {reader.line_num} of '{path.name}': {error}",
            "Correct the quoting there.",
        )
        return None
    return lines
