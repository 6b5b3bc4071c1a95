"""What the command line shows to people: tables, progress and problems."""

import contextlib
import datetime
import decimal
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pyarrow as pa
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from faasera.core.arrow import decoded
from faasera.core.errors import Problem
from faasera.core.text import to_text
from faasera.frontends.terminal import enclosed, err, escape, out, visible
from faasera.plan.model import ColumnPlan, Plan, TablePlan

if TYPE_CHECKING:
    from faasera.run.check.findings import Finding
    from faasera.run.check.report import CheckReport
    from faasera.run.importing import Imported
    from faasera.run.manifest import Manifest
    from faasera.run.order import Order
    from faasera.run.pipeline import RowProgress


_MOST_APART = 8
"""More problems than these are shown by their kinds."""


def show_problems(problems: Sequence[Problem], tables: Sequence[str] = ()) -> None:
    """All problems on standard error: where, what, and what to do; many of them by their kinds.

    Args:
        problems: to show.
        tables: the names of the policy's tables, in its order, where they are known.
    """
    kinds: dict[str, list[Problem]] = {}
    for problem in problems:
        kinds.setdefault(problem.label, []).append(problem)
    if len(problems) <= _MOST_APART:
        for problem in problems:
            where = _place(problem, tables)
            shown = f"[bold]{enclosed(where)}[/bold]\n  " if where else ""
            err.print(f"[red]✗[/red] {shown}{escape(problem.message)} [dim]({problem.label})[/dim]", soft_wrap=True)
            err.print(f"  [green]→[/green] {escape(problem.remedy)}", soft_wrap=True)
    else:
        for label, found in sorted(kinds.items(), key=lambda one: -len(one[1])):
            _show_kind(label, found, tables)
    count = len(problems)
    if count > 1:
        err.print(f"[dim]{count} problems.[/dim]")


def _show_kind(label: str, problems: Sequence[Problem], tables: Sequence[str]) -> None:
    """Problems of one kind; those that one remedy mends, together."""
    err.print(f"[red]✗[/red] [bold]{label}[/bold] [dim]({len(problems):,})[/dim]", soft_wrap=True)
    remedies: dict[str, list[Problem]] = {}
    for problem in problems:
        remedies.setdefault(problem.remedy, []).append(problem)
    for remedy, found in remedies.items():
        for problem in found:
            where = _place(problem, tables)
            shown = f"[bold]{enclosed(where)}[/bold]: " if where else ""
            err.print(f"  {shown}{escape(problem.message)}", soft_wrap=True)
        err.print(f"  [green]→[/green] {escape(remedy)}", soft_wrap=True)


def _place(problem: Problem, tables: Sequence[str]) -> str:
    """Where a problem is: its pointer, with the table's name where that is known."""
    parts = problem.pointer.split("/")
    if len(parts) > 2 and parts[1] == "tables" and parts[2].isdigit() and int(parts[2]) < len(tables):
        return f"{problem.pointer} ({tables[int(parts[2])]})"
    return problem.pointer


class _Rate(ProgressColumn):
    """Rows per second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:>12,.0f} rows/s" if speed else " " * 19, style="cyan")


@contextlib.contextmanager
def table_progress(plan: Plan, names: Sequence[str] | None, *, quiet: bool) -> "Iterator[RowProgress | None]":
    """A progress bar for each table, on a terminal; nothing where output is piped."""
    if quiet or not err.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.completed:>13,.0f} rows"),
        _Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err) as progress:
        tasks = {
            table.name: progress.add_task(visible(table.name), total=table.row_count)
            for table in plan.tables.values()
            if names is None or table.name in names
        }

        def report(name: str, done: int, total: int) -> None:
            progress.update(tasks[name], completed=done, total=total)

        yield report


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def show_summary(manifest: "Manifest", folder: str) -> None:
    """What a run made, and where."""
    root = urlsplit(folder)._replace(query="").geturl().rstrip("/") if "://" in folder else str(Path(folder))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, justify in (
        ("table", "left"),
        ("rows", "right"),
        ("size", "right"),
        ("digest", "left"),
        ("file", "left"),
    ):
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for entry in manifest.tables:
        files = entry.files
        where = files[0].path if len(files) == 1 else f"{Path(files[0].path).parent}/ ({len(files)} parts)"
        size = _size(sum(file.size for file in files))
        cells = (entry.table.name, f"{entry.table.row_count:,}", size, entry.digest[:12], f"{root}/{where}")
        table.add_row(*map(escape, cells))
    out.print(table)
    for warning in manifest.plan.warnings:
        out.print(f"[yellow]![/yellow] {escape(warning)}", soft_wrap=True)
    rate = manifest.rows / manifest.seconds if manifest.seconds else 0
    out.print(
        f"{manifest.rows:,} rows in {manifest.seconds:.2f} s ({rate:,.0f} rows/s); see {escape(root)}/_manifest.json",
        soft_wrap=True,
    )


def show_load(manifest: "Manifest", target: str) -> None:
    """What a run loaded, and into what."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("table", overflow="fold")
    table.add_column("rows", justify="right")
    table.add_column("digest")
    for entry in manifest.tables:
        table.add_row(escape(entry.table.name), f"{entry.table.row_count:,}", entry.digest[:12])
    out.print(table)
    for warning in manifest.plan.warnings:
        out.print(f"[yellow]![/yellow] {escape(warning)}", soft_wrap=True)
    rate = manifest.rows / manifest.seconds if manifest.seconds else 0
    timing = f"{manifest.rows:,} rows in {manifest.seconds:.2f} s ({rate:,.0f} rows/s)"
    out.print(f"{timing} → {escape(target)}", soft_wrap=True)


@contextlib.contextmanager
def import_progress(*, quiet: bool) -> Iterator[None]:
    """That something is read, on a terminal."""
    if quiet or not err.is_terminal:
        yield
        return
    with err.status("reading the schema …"):
        yield


def show_import(imported: "Imported", path: Path | None, *, details: bool = True) -> None:
    """What an import made: tables, guesses to review, drift, and what cannot be honoured."""
    screen = out if details else err
    if details:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column("table", overflow="fold")
        for name in ("rows", "columns", "keys", "checks", "guesses"):
            table.add_column(name, justify="right")
        for row in imported.summary():
            table.add_row(*map(escape, row))
        screen.print(table)
        for drift in imported.drifts:
            colour = {"+": "green", "-": "red"}.get(drift.kind, "yellow")
            where = escape(f"{drift.table}.{drift.subject}" if drift.subject else drift.table)
            screen.print(f"[{colour}]{drift.kind}[/{colour}] {where} {escape(drift.text)}", soft_wrap=True)
        for note in imported.notes:
            if not note.broken:
                screen.print(f"[dim]·[/dim] {escape(note.where)}: {escape(note.text)}", soft_wrap=True)
    for note in imported.notes:
        if note.broken:
            screen.print(f"[yellow]![/yellow] {escape(note.where)}: {escape(note.text)}", soft_wrap=True)
    if path is None:
        return
    if imported.drifts or imported.merged:
        changes = f"{len(imported.drifts)} differences" if imported.drifts else "nothing has changed in the source"
        screen.print(f"{escape(str(path))}: {changes}; edits kept", soft_wrap=True)
    made = f"{len(imported.policy['tables'])} tables → {escape(str(path))}"
    review = f'{imported.guesses} guesses are marked with their reason: review them, and remove "guess"'
    screen.print(f"{made}; {review}", soft_wrap=True)
    if imported.problems:
        show_problems(imported.problems, [table["tableName"] for table in imported.policy["tables"]])
        return
    screen.print(
        f"\nNext: faasera preview {escape(str(path))}\n      faasera generate {escape(str(path))} --to URL",
        soft_wrap=True,
    )


@contextlib.contextmanager
def check_progress(*, quiet: bool) -> "Iterator[Callable[[str, str], None] | None]":
    """What is looked at, on a terminal; nothing where output is piped."""
    if quiet or not err.is_terminal:
        yield None
        return
    with err.status("checking …") as status:
        yield lambda table, what: status.update(Text(f"checking {visible(table)}: {what}"))


class Bars:
    """Watches an order with bars, on a terminal; nothing is shown where output is piped.

    Args:
        quiet: show nothing.

    Attributes:
        written: whether all rows are there, and kept.
    """

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self.written = False

    @contextlib.contextmanager
    def writing(self, plan: Plan, order: "Order") -> "Iterator[RowProgress | None]":
        """A bar for each table."""
        with table_progress(plan, order.tables, quiet=self.quiet) as progress:
            yield progress
        self.written = True

    def checking(self) -> "contextlib.AbstractContextManager[Callable[[str, str], None] | None]":
        """What is being checked."""
        return check_progress(quiet=self.quiet)


def show_check(report: "CheckReport") -> None:
    """What a check found: a line a table, and all that is broken in full."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    table.add_column("table", style="bold", overflow="fold")
    table.add_column("kept", justify="right")
    table.add_column("promises about", overflow="fold")
    for owner in dict.fromkeys(finding.table for finding in report.findings):
        kept = [finding for finding in report.passed if finding.table == owner]
        broken = any(finding.table == owner for finding in report.failed)
        kinds = ", ".join(dict.fromkeys(finding.kind for finding in kept))
        table.add_row("[red]✗[/red]" if broken else "[green]✓[/green]", escape(owner), str(len(kept)), escape(kinds))
    out.print(table)
    for finding in report.skipped:
        out.print(f"[yellow]–[/yellow] {escape(_promise(finding))} [dim](not checkable)[/dim]", soft_wrap=True)
    for finding in report.failed:
        out.print(f"[red]✗[/red] {escape(_promise(finding))}", soft_wrap=True)
        for sample in finding.samples:
            out.print(f"    {escape(json.dumps(sample, ensure_ascii=False))}", soft_wrap=True)
    skipped = f", {len(report.skipped)} not checkable" if report.skipped else ""
    one = report.guesses == 1
    meanings = f"; {report.guesses:,} meaning{'' if one else 's'} guessed" if report.guesses else ""
    out.print(
        f"{'[green]✓[/green]' if report.ok else '[red]✗[/red]'} {escape(report.name)}: {len(report.passed)} promises "
        f"kept, {len(report.failed)} broken{skipped}; {report.rows:,} rows in {report.seconds:.1f} s{meanings}",
        soft_wrap=True,
    )


def _promise(finding: "Finding") -> str:
    """A promise and what became of it, on a line."""
    about = " ".join(part for part in (finding.kind, finding.subject) if part)
    return f"{finding.table}: {about}" + (f": {finding.detail}" if finding.detail else "")


def plain_rows(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """Rows as JSON values: decimals, dates and times as text."""

    def plain(value: Any) -> Any:
        if isinstance(value, decimal.Decimal | datetime.date | datetime.time):
            return value.isoformat(" ") if isinstance(value, datetime.datetime) else str(value)
        return value.hex() if isinstance(value, bytes) else value

    return [{name: plain(value) for name, value in row.items()} for row in batch.to_pylist()]


def show_rows(plan: TablePlan, batch: pa.RecordBatch, offset: int) -> None:
    """Some rows of a table: side by side where they fit, else a column for each row."""
    last = offset + batch.num_rows
    shown = (
        f"rows {offset:,} … {last - 1:,} of {plan.row_count:,}" if batch.num_rows else f"no rows of {plan.row_count:,}"
    )
    title = f"[bold]{enclosed(plan.name)}[/bold] ({shown})"
    names = [escape(column.name) for column in plan.visible]
    cells = []
    for array in batch.columns:
        texts = array if pa.types.is_binary(array.type) else decoded(to_text(array))
        cells.append([_cell(value) for value in texts.to_pylist()])
    out.print(title)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column, name in zip(plan.visible, names, strict=True):
        table.add_column(name, justify="right" if column.data_type.is_number else "left", no_wrap=True)
    for row in zip(*cells, strict=True):
        table.add_row(*row)
    natural = out.measure(table, options=out.options.update(width=100_000)).maximum
    if natural <= out.width or not batch.num_rows:
        out.print(table)
        return
    if not out.is_terminal:
        Console(width=natural, highlight=False, emoji=False).print(table)
        return
    longest = max(len(cell) for column in cells for cell in column)
    per_block = max(1, (out.width - max(map(len, names)) - 2) // (min(longest, 40) + 2))
    for start in range(0, batch.num_rows, per_block):
        turned = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        turned.add_column("row", style="bold", no_wrap=True)
        stop = min(start + per_block, batch.num_rows)
        for row_number in range(start, stop):
            turned.add_column(f"{offset + row_number:,}", overflow="fold")
        for name, values in zip(names, cells, strict=True):
            turned.add_row(name, *values[start:stop])
        out.print(turned)


def _cell(value: Any) -> str:
    if value is None:
        return "[dim]null[/dim]"
    return escape(value.hex() if isinstance(value, bytes) else value) or "[dim]''[/dim]"


def show_plan(plan: Plan) -> None:
    """A plan, table by table, parents first."""
    out.print(
        f"[bold]{enclosed(plan.name)}[/bold]  seed {plan.seed}, as of {plan.as_of}, policy {plan.policy_digest[:12]}"
    )
    for number, entry in enumerate(plan.tables.values(), start=1):
        title = f"\n{number}. [bold]{enclosed(entry.name)}[/bold], {entry.row_count:,} rows"
        out.print(title)
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for name in ("column", "type", "rule", "makes"):
            table.add_column(name, overflow="fold")
        for column in entry.columns:
            kind = (
                f"{column.data_type}{' null' if column.generator.nullable else ''}{' hidden' if column.hidden else ''}"
            )
            table.add_row(*map(escape, (column.name, kind, _rule_of(column), column.generator.describe())))
        out.print(table)
        for key in entry.keys:
            label = "primary key" if key == (entry.primary_key,) else "unique"
            out.print(f"   {label}: {escape(', '.join(key))}", soft_wrap=True)
        for foreign_key in entry.foreign_keys.values():
            target = f"{foreign_key.parent} ({', '.join(foreign_key.parent_columns)})"
            when = "".join(
                f", when {column} is {' or '.join(str(value.as_py()) for value in values)}"
                for column, values in foreign_key.when
            )
            nulls = f", {foreign_key.null_fraction:g} null" if foreign_key.null_fraction else ""
            how = f"{foreign_key.link.describe()}{nulls}{when}"
            out.print(escape(f"   foreign key: {', '.join(foreign_key.columns)} → {target}; {how}"), soft_wrap=True)
        for redraw in entry.redraws:
            for check in redraw.checks:
                met = (
                    "all rows met it"
                    if check.acceptance == 1
                    else f"{check.acceptance:.0%} of the rows meet it at once"
                )
                out.print(escape(f"   check: {check.name}: {check.text}; {met}"), soft_wrap=True)
    for warning in plan.warnings:
        out.print(f"[yellow]![/yellow] {escape(warning)}", soft_wrap=True)


def _rule_of(column: ColumnPlan) -> str:
    """What decides a column: its semantic type, marked where its name said so, else the rule's type."""
    if column.meaning is None:
        return column.rule
    marks = (" (by its name)" if column.meaning.inferred else "") + (" (realistic)" if column.meaning.realistic else "")
    return column.meaning.semantic_type + marks


def show_valid(plan: Plan) -> None:
    """That a policy is right, in a line."""
    columns = sum(len(table.visible) for table in plan.tables.values())
    rows = sum(table.row_count for table in plan.tables.values())
    out.print(
        f"[green]✓[/green] {escape(plan.name)}: {len(plan.tables)} tables, {columns} columns, {rows:,} rows; "
        "no problems."
    )
    for warning in plan.warnings:
        out.print(f"[yellow]![/yellow] {escape(warning)}", soft_wrap=True)


_TITLES = {
    "generationTypes": "Generation types",
    "rules": "Rules",
    "semanticTypes": "Semantic types, each with an example",
    "distributions": "Distributions",
    "dataTypes": "Data types",
    "templateFilters": "Template filters",
    "functions": "Functions of expressions",
    "foreignKeys": "Foreign keys",
    "formats": "File formats",
}


def show_catalog(entries: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """All entries, a line each."""
    for kind, group in entries.items():
        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2))
        table.add_column(style="bold", no_wrap=True)
        table.add_column()
        for entry in group:
            example = f" [dim]{escape(str(entry['example']))[:60]}[/dim]" if kind == "semanticTypes" else ""
            table.add_row(escape(entry["name"]), escape(entry["summary"]) + example)
        out.print(f"\n[bold cyan]{_TITLES[kind]}[/bold cyan]")
        out.print(table)
    out.print("\n[dim]faasera catalog NAME shows one of them with its parameters and an example.[/dim]")


def show_entry(entry: Mapping[str, Any]) -> None:
    """One entry: what it is, its parameters, an example."""
    out.print(f"[bold]{enclosed(entry['name'])}[/bold]  {escape(entry['summary'])}", soft_wrap=True)
    if entry.get("accepts"):
        out.print(f"Makes: {', '.join(entry['accepts'])}", soft_wrap=True)
    if entry.get("parameters"):
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column("parameter", style="bold", no_wrap=True)
        table.add_column("meaning")
        for parameter in entry["parameters"]:
            table.add_row(escape(parameter["name"]), escape(parameter["description"]))
        out.print(table)
    for name, meaning in (
        ("group", "agrees with"),
        ("locales", "locales"),
        ("safe", "safe because"),
        ("source", "source"),
    ):
        value = entry.get(name)
        if value:
            shown = ", ".join(value) if isinstance(value, list) else str(value)
            out.print(
                f"{meaning}: {escape(f'the columns of its {shown}' if name == 'group' else shown)}", soft_wrap=True
            )
    if entry.get("example"):
        example = entry["example"]
        text = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
        out.print(f"example: {escape(text)}", soft_wrap=True)
