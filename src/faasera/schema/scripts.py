"""The texts of files of DDL: one script, or a folder of migrations in the order in which they run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from faasera.core.errors import refuse
from faasera.schema.dialects.scripts.cursor import words

SUFFIXES = (".sql", ".ddl", ".psql", ".pgsql", ".mysql")
_MOST_BYTES = 256 << 20
_MARKS_OF_ORDER = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_BINARY = ((b"PGDMP", "pg_dump's own format: pg_restore -f schema.sql makes SQL of it"), (b"SQLite format 3", "a database of SQLite: name it with .db or sqlite:///"),
           (b"\x1f\x8b", "compressed: gunzip makes SQL of it"), (b"PK\x03\x04", "an archive: unpack it"), (b"BZh", "compressed: bunzip2 makes SQL of it"))  # fmt: skip
_FLYWAY = re.compile(r"(?P<kind>[VUB])(?P<version>\d+(?:[._]\d+)*)__")
_REPEATED = re.compile(r"R__")
_CALLBACK = re.compile(r"(before|after)[A-Z]\w*(__.*)?\.sql$")
_DOWN = re.compile(r"(^|[._-])(down|undo|rollback|revert)\.\w+$|(^|[._-])(down|undo|rollback|revert)[._-]", re.I)
_ASIDE = words(
    "down downs revert reverts verify rollback rollbacks undo seed seeds node_modules meta drop test tests fixtures"
)
_PARTS = re.compile(
    r"^[ \t]*(?:--|#)[ \t]*(?:(?P<up>migrate:up|\+goose[ \t]+up|\+migrate[ \t]+up|up[ \t]+migration|---[ \t]*!ups|@up\b|!ups)"
    r"|(?P<down>migrate:down|\+goose[ \t]+down|\+migrate[ \t]+down|down[ \t]+migration|---[ \t]*!downs|@down\b|//@undo|!downs)"
    r"|(?P<other>\+goose[ \t]+statement(?:begin|end)|\+migrate[ \t]+statement(?:begin|end)))[^\n]*$|^[ \t]*--[ \t]*//@UNDO[^\n]*$",
    re.I | re.M,
)
_PLACEHOLDER = re.compile(r"\"?(?:\{\{[^{}\n]*\}\}|\$\{[\w.:-]+\})\"?\s*\.")
_PROVIDER = re.compile(r'^\s*provider\s*=\s*"(\w+)"', re.M)
_PROVIDERS = {
    "postgresql": "postgres",
    "cockroachdb": "postgres",
    "mysql": "mysql",
    "sqlite": "sqlite",
    "sqlserver": "tsql",
}
_DIALECTS = {
    "postgres": "postgres", "postgresql": "postgres", "pgsql": "postgres", "pg": "postgres", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite", "sqlite3": "sqlite",
    "duckdb": "duckdb", "oracle": "oracle", "mssql": "tsql", "sqlserver": "tsql", "cockroach": "cockroach", "cockroachdb": "cockroach", "h2": "h2", "hsqldb": "hsqldb", "hsql": "hsqldb",
    "db2": "db2", "derby": "derby", "cassandra": "cassandra", "clickhouse": "clickhouse", "spanner": "spanner",
}  # fmt: skip


@dataclass(frozen=True)
class Scripts:
    """Texts in the order in which they run.

    Attributes:
        texts: with names for messages.
        notes: what a person should know of them.
        dialect: that the files say they are of; None where they do not.
    """

    texts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()
    dialect: str | None = None


def read_script(path: Path) -> Scripts:
    """One file of DDL.

    Raises:
        PolicyError: it cannot be read, is too large, or is no text.
    """
    text, note = _text(path)
    return Scripts(((str(path), _up(text)),), note)


def find_scripts(folder: Path) -> bool:
    """Whether a folder holds scripts, by itself or in folders below."""
    return next(_files(folder), None) is not None


def read_folder(folder: Path, dialect: str | None = None) -> Scripts:
    """The scripts of a folder, in the order in which its tool runs them.

    Args:
        folder: of migrations.
        dialect: whose files are meant, where there are some of several.

    Raises:
        PolicyError: one of them cannot be read, or there are some of several dialects.
    """
    inner = folder / "migrations"
    if inner.is_dir() and not any(_is_script(one) for one in folder.iterdir()) and find_scripts(inner):
        folder = inner
    provider = _provider(folder)
    files = _of_dialect(folder, list(_files(folder)), dialect)
    chosen, left_out = _in_order(folder, files)
    texts: list[tuple[str, str]] = []
    notes: list[str] = []
    for path in chosen:
        text, note = _text(path)
        texts.append((str(path.relative_to(folder)), _up(text)))
        notes += [one for one in note if one not in notes]
    if not texts:
        refuse("no-tables", f"{folder} holds no script that makes tables", "Name a folder of migrations.")
    first, last = texts[0][0], texts[-1][0]
    order = f"{len(texts):,} files, from {first} to {last}" if len(texts) > 1 else first
    aside = f"; {left_out:,} that undo or check are left out" if left_out else ""
    return Scripts(tuple(texts), (f"read in order: {order}{aside}", *notes), dialect or provider)


def _is_script(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in SUFFIXES


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and _is_script(path):
            yield path


def _provider(folder: Path) -> str | None:
    """The dialect that Prisma notes beside its migrations."""
    lock = folder / "migration_lock.toml"
    match = _PROVIDER.search(lock.read_text(errors="replace")) if lock.is_file() else None
    return _PROVIDERS.get(match[1]) if match else None


def _of_dialect(folder: Path, files: list[Path], dialect: str | None) -> list[Path]:
    """The files of one dialect, where their names say of which they are."""
    named: dict[str, list[Path]] = {}
    shared: list[Path] = []
    for path in files:
        words = re.split(r"[./_-]", str(path.relative_to(folder)).lower())
        found = next((_DIALECTS[word] for word in words if word in _DIALECTS), None)
        (named.setdefault(found, []) if found is not None else shared).append(path)
    if len(named) < 2:
        return files
    if dialect is None or dialect not in named:
        known = ", ".join(sorted(named))
        message = f"{folder} holds scripts of several dialects: {known}"
        refuse("unknown-source", message, "Say which by --dialect, or name the folder or file of one.")
    return sorted([*shared, *named[dialect]])


def _in_order(folder: Path, files: list[Path]) -> tuple[list[Path], int]:
    """Those that make tables, in their order, and how many do something else."""
    plans = [folder / "sqitch.plan"] if (folder / "sqitch.plan").is_file() else list(folder.rglob("sqitch.plan"))
    if len(plans) == 1:
        chosen = _by_plan(plans[0].parent, plans[0])
        return chosen, len(files) - len(chosen)
    kept = [path for path in files if not _aside(folder, path)]
    flyway = {path: match for path in kept if (match := _FLYWAY.match(path.name))}
    baseline = max((_version(match) for match in flyway.values() if match["kind"] == "B"), default=())
    if flyway:
        kept = [
            path
            for path in kept
            if (match := flyway.get(path)) is None
            or (match["kind"] == "V" and _version(match) > baseline)
            or (match["kind"] == "B" and _version(match) == baseline)
        ]
        kept = [path for path in kept if not _CALLBACK.match(path.name)]
    return sorted(kept, key=lambda path: _rank(folder, path)), len(files) - len(kept)


def _aside(folder: Path, path: Path) -> bool:
    inner = path.relative_to(folder)
    return any(part.lower() in _ASIDE for part in inner.parts[:-1]) or _DOWN.search(path.name) is not None


def _version(match: re.Match[str]) -> tuple[int, ...]:
    return tuple(int(one) for one in re.split(r"[._]", match["version"]))


Rank = tuple[int, tuple[int, ...], tuple[tuple[int, int, str], ...]]


def _rank(folder: Path, path: Path) -> Rank:
    """Versions before what is run each time; numbers as numbers."""
    match = _FLYWAY.match(path.name)
    if match:
        return 0, _version(match), _natural(path.name)
    return (1 if _REPEATED.match(path.name) else 0), (), _natural(str(path.relative_to(folder)))


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    parts = re.findall(r"\d+|[^\d/]+|/", text.lower())
    return tuple((0, int(one), "") if one.isdigit() else (1, 0, one) for one in parts)


def _by_plan(folder: Path, plan: Path) -> list[Path]:
    """The order of Sqitch's plan; what is made anew later on has the earlier text under its tag."""
    names: list[str] = []
    for line in plan.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.strip() and line[0] not in "%@#":
            names.append(line.split()[0])
    found = [folder / "deploy" / f"{name}.sql" for name in dict.fromkeys(names)]
    return [path for path in found if path.is_file()]


def _text(path: Path) -> tuple[str, tuple[str, ...]]:
    """The text of a file, and what is to be said of its encoding."""
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES:
            message = f"{path} has {size / 1e6:,.0f} MB; scripts have at most {_MOST_BYTES / 1e6:,.0f} MB"
            refuse(
                "source-unreadable",
                message,
                "Dump the schema without rows: pg_dump --schema-only, mysqldump --no-data.",
            )
        data = path.read_bytes()
    except OSError as error:
        refuse("source-unreadable", f"{path}: {error.strerror or error}", "Check the path and its permissions.")
    for begin, reason in _BINARY:
        if data.startswith(begin):
            refuse("sql-syntax", f"{path} is no text, but {reason}", "Import what comes out of it.")
    return decode_script(data, str(path))


def decode_script(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """The text of a script's bytes, and what is to be said of its encoding.

    Raises:
        PolicyError: they are no text.
    """
    encoding = next((one for mark, one in _MARKS_OF_ORDER if data.startswith(mark)), None)
    if encoding is None and b"\x00" in data[:4096]:
        encoding = "utf-16-le" if data[1:2] == b"\x00" else "utf-16-be"
    try:
        text = data.decode(encoding or "utf-8")
        bare = _PLACEHOLDER.sub("", text)
        return bare, (("schemas that a tool would fill in were left out",) if bare != text else ())
    except UnicodeDecodeError as error:
        if encoding is not None:
            refuse("sql-syntax", f"{name} begins as {encoding} and goes on otherwise", "Save it as UTF-8.")
        line = data.count(b"\n", 0, error.start) + 1
        note = f"{name} is not UTF-8 (line {line}): it was read as Latin-1"
        return data.decode("cp1252", errors="replace"), (note,)


def _up(text: str) -> str:
    """A migration without what takes it back; lines keep their numbers."""
    if not _PARTS.search(text):
        return text
    made, at, up = [], 0, True
    for match in _PARTS.finditer(text):
        piece = text[at : match.start()]
        made.append(piece if up else "\n" * piece.count("\n"))
        at = match.end()
        if match["up"]:
            up = True
        elif not match["other"]:
            up = False
    piece = text[at:]
    made.append(piece if up else "\n" * piece.count("\n"))
    return "".join(made)
