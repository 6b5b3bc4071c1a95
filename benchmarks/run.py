"""Ratios against other tools: the same work, side by side, whole processes in turn; prints a table and JSON.

    python -m benchmarks.run                  everything, at 10 million rows (about 20 minutes)
    python -m benchmarks.run --rows 1000000   the same at another size
    python -m benchmarks.run customers-csv    only the named works
    python -m benchmarks.run --save           writes benchmarks/RESULTS.md, too

Each ratio is the median over the rounds of peer's seconds divided by ours, so above 1 Faasera is faster.
"""

import argparse
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.result import Result
from benchmarks.service import serving
from benchmarks.spark import function, spark

HERE = Path(__file__).parent
MEMORY_DISK = Path("/dev/shm")
ROOM = 12 << 30


def work_folder() -> Path:
    """Where outputs go: memory where there is room, since disks differ more from run to run than the tools do."""
    if MEMORY_DISK.is_dir() and shutil.disk_usage(MEMORY_DISK).free > ROOM:
        return MEMORY_DISK / "faasera-benchmarks"
    return HERE / "output"


WORK = work_folder()
PYTHON = sys.executable
BIN = Path(PYTHON).parent
SLOW_ROWS = 50_000


@dataclass(frozen=True)
class Run:
    """One process: seconds from start to end, and the peak of its memory in MB."""

    seconds: float
    memory: float


def measure(command: Sequence[object]) -> Run:
    """Run a command, its output folder emptied before."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    started = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{errors.decode()}")
    return Run(seconds, usage.ru_maxrss / 1024)


def ours(policy: str, format: str, *options: object) -> list[object]:
    """The command that makes a policy's tables."""
    return [BIN / "faasera", "generate", HERE / f"policies/{policy}.json", "--out", WORK, "--format", format, *options]


def peer(script: str, *arguments: object) -> list[object]:
    """The command of a peer's script."""
    return [PYTHON, HERE / f"peers/{script}.py", *arguments]


def in_turn(commands: dict[str, list[object]], rounds: int) -> dict[str, list[Run]]:
    """All commands, one after the other, as often as there are rounds."""
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            found[name].append(measure(command))
            print(".", end="", file=sys.stderr, flush=True)
    return found


def compare(
    work: str, commands: dict[str, list[object]], amount: float, unit: str, target: float, rounds: int
) -> list[Result]:
    """One result per peer; the first command is ours, and ``amount`` of ``unit`` is what each of them makes."""
    runs = in_turn(commands, rounds)
    mine = runs.pop(next(iter(commands)))

    def rate(group: list[Run]) -> str:
        return f"{amount / statistics.median(run.seconds for run in group) / 1e6:.2f} M {unit}/s"

    results = []
    for name, group in runs.items():
        ratio = statistics.median(theirs.seconds / own.seconds for theirs, own in zip(group, mine, strict=True))
        results.append(Result(work, name, rate(mine), rate(group), ratio, target))
    return results


def customers(format: str, target: float) -> Callable[[int, int], list[Result]]:
    def work(rows: int, rounds: int) -> list[Result]:
        commands = {
            "faasera": ours("customers", format, "--rows", rows),
            "DuckDB SQL": peer("duckdb_customers", rows, WORK / f"out.{format}"),
            "Polars + NumPy": peer("polars_customers", rows, WORK / f"out.{format}"),
        }
        return compare(f"A customers, {format}", commands, rows, "rows", target, rounds)

    return work


def slow_peers(_: int, rounds: int) -> list[Result]:
    """Row-by-row tools at few rows; ours at the same number, start-up included."""
    commands = {
        "faasera": ours("customers", "csv", "--rows", SLOW_ROWS),
        "Faker": peer("faker_customers", SLOW_ROWS, WORK / "out.csv"),
        "mimesis": peer("mimesis_customers", SLOW_ROWS, WORK / "out.csv"),
    }
    return compare(f"A customers, csv, {SLOW_ROWS:,} rows", commands, SLOW_ROWS, "rows", 1, rounds)


def shop(rows: int, rounds: int) -> list[Result]:
    base = rows // 10
    counts = ["--rows", f"customers={base}", "--rows", f"orders={5 * base}", "--rows", f"order_items={15 * base}"]
    commands = {
        "faasera": ours("shop", "csv", *counts),
        "DuckDB SQL": peer("duckdb_shop", base, WORK / "out"),
        "Polars + NumPy": peer("polars_shop", base, WORK / "out"),
    }
    return compare("B shop, csv", commands, 21 * base, "rows", 2, rounds)


def lineitem(format: str) -> Callable[[int, int], list[Result]]:
    def work(rows: int, rounds: int) -> list[Result]:
        scale = max(rows / 10_000_000, 0.1)
        orders, lines = int(1_500_000 * scale), int(6_001_215 * scale)
        commands = {
            "faasera": ours("lineitem", format, "--rows", f"orders={orders}", "--rows", f"lineitem={lines}"),
            "tpchgen-cli": [BIN / "tpchgen-cli", format, "-s", scale, "--tables", "lineitem,orders", "-o", WORK],
        }
        return compare(f"C lineitem, {format}", commands, 16 * lines + 9 * orders, "cells", 1, rounds)

    return work


def memory(format: str) -> Callable[[int, int], list[Result]]:
    def work(rows: int, _: int) -> list[Result]:
        few, many = (measure(ours("customers", format, "--rows", count)).memory for count in (rows // 2, rows * 5))
        name = f"memory, {format}"
        return [
            Result(
                name, f"{rows // 2:,} rows", f"{many:.0f} MB at {rows * 5:,}", f"{few:.0f} MB", few / many, 1 / 1.15
            ),
            Result(name, "500 MB", f"{many:.0f} MB at {rows * 5:,}", "500 MB", 500 / many, 1),
        ]

    return work


def related(kind: str, folder: Path) -> list[object]:
    """The command that makes the tables of relations.json, with keys of a kind in the place of plain integers."""
    policy = json.loads((HERE / "policies/relations.json").read_text())
    parents = {"customer_id": ("customers", 9), "order_id": ("orders", 5)}
    for table in policy["tables"][1:]:
        column = list(table["columnRuleMap"])[1]
        parent, most = parents[column]
        key = {"columns": [column], "references": {"table": parent, "columns": [column]}}
        if kind == "plain":
            continue
        if kind == "zipf":
            key["distribution"] = "ZIPF"
        if kind == "children":
            key["childrenPerParent"] = {"min": 1, "max": most}
            del table["rowCount"]
        table["foreignKeys"], table["columnRuleMap"][column] = [key], {}
    path = folder / f"{kind}.json"
    path.write_text(json.dumps(policy))
    return [BIN / "faasera", "generate", path, "--out", WORK, "--format", "parquet"]


def relations(_: int, rounds: int) -> list[Result]:
    """Tables of 1, 5 and 15 million rows: what keys cost, in one run with what they stand in for.

    Counted out to parents, there are 1 to 9 orders a customer, and 1 to 5 lines an order.
    """
    limits = {"uniform": 1.10, "zipf": 1.25, "children": 1.40}
    with tempfile.TemporaryDirectory() as folder:
        runs = in_turn({kind: related(kind, Path(folder)) for kind in ("plain", *limits)}, max(rounds, 5))
    results = []
    for kind, limit in limits.items():
        ratio = statistics.median(one.seconds / own.seconds for one, own in zip(runs["plain"], runs[kind], strict=True))
        seconds = [f"{statistics.median(run.seconds for run in runs[name]):.2f} s" for name in (kind, "plain")]
        results.append(Result(f"foreign keys, {kind}", "plain integers", *seconds, ratio, 1 / limit))
    return results


def children(_: int, __: int) -> list[Result]:
    """100 million children of 20 million parents."""
    results = []
    for format in ("csv", "parquet"):
        run = measure(ours("children", format))
        shown = f"{run.memory:.0f} MB, {run.seconds:.1f} s"
        results.append(Result(f"100 M children, {format}", "500 MB", shown, "500 MB", 500 / run.memory, 1))
    return results


def checked(_: int, rounds: int) -> list[Result]:
    """Proving 20 million rows of three tables."""
    seconds, memory = [], []
    with tempfile.TemporaryDirectory(dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None) as folder:
        command = [BIN / "faasera", "generate", HERE / "policies/checked.json", "--out", folder, "--format", "parquet"]
        subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
        for _ in range(rounds):
            run = measure([BIN / "faasera", "check", folder])
            seconds.append(run.seconds)
            memory.append(run.memory)
    middle, peak = statistics.median(seconds), max(memory)
    return [
        Result("check of 20 M rows", "30 s", f"{middle:.1f} s", "30 s", 30 / middle, 1),
        Result("check of 20 M rows", "4 GB", f"{peak:.0f} MB", "4000 MB", 4000 / peak, 1),
    ]


def people(_: int, rounds: int) -> list[Result]:
    """A million rows of twenty semantic columns as Parquet; the row-by-row tools make 20,000, as CSV."""
    rows, few = 1_000_000, 20_000
    with tempfile.TemporaryDirectory() as folder:
        policy = json.loads((HERE / "policies/people.json").read_text())
        policy["tables"][0]["columnRuleMap"].pop("account_no")
        without = Path(folder) / "people.json"
        without.write_text(json.dumps(policy))
        plain = [BIN / "faasera", "generate", without, "--out", WORK, "--format", "parquet"]
        runs = in_turn(
            {
                "all": ours("people", "parquet"),
                "without": plain,
                "Faker": peer("faker_people", few, WORK / "out.csv"),
                "mimesis": peer("mimesis_people", few, WORK / "out.csv"),
            },
            rounds,
        )
    rates = {
        name: (rows if name in ("all", "without") else few) / statistics.median(run.seconds for run in group)
        for name, group in runs.items()
    }
    shown = {name: f"{rate / 1e6:.3f} M rows/s" for name, rate in rates.items()}
    title = "people, 20 semantic columns, parquet"
    return [
        Result(title, "0.7 M rows/s", shown["all"], "0.7 M rows/s", rates["all"] / 0.7e6, 1),
        Result(f"{title}, without FPE", "1 M rows/s", shown["without"], "1 M rows/s", rates["without"] / 1e6, 1),
        Result(title, "Faker", shown["all"], shown["Faker"], rates["all"] / rates["Faker"], 50),
        Result(title, "mimesis", shown["all"], shown["mimesis"], rates["all"] / rates["mimesis"], 20),
    ]


def encoding(_: int, rounds: int) -> list[Result]:
    """FF1 alone, in one thread."""
    script = (
        "import sys, time, numpy as np\n"
        "from faasera.generators.ff1 import FF1, aes\n"
        "length = int(sys.argv[1])\n"
        "cipher = FF1(aes(bytes(32)), 10, length, 0)\n"
        "rows = np.random.default_rng(1).integers(0, 10, (1 << 20, length))\n"
        "started = time.perf_counter()\n"
        "for start in range(0, 1 << 20, 1 << 16):\n"
        "    cipher.encrypt(rows[start : start + (1 << 16)], np.zeros((1, 0), np.uint8))\n"
        "print((1 << 20) / (time.perf_counter() - started))\n"
    )

    def rate(length: int) -> float:
        command = [PYTHON, "-c", script, str(length)]
        return statistics.median(float(subprocess.check_output(command)) for _ in range(rounds))

    results = []
    for length, target in ((18, 1e6), (30, 1e5)):
        found, asked = rate(length), f"{target / 1e6:g} M values/s"
        results.append(
            Result(f"FF1, {length} digits, one core", asked, f"{found / 1e6:.2f} M values/s", asked, found / target, 1)
        )
    return results


def loading(_: int, rounds: int) -> list[Result]:
    """Five million rows of work A into each database, beside its own tool with the ready-made CSV of the same rows.

    The databases are made empty before each run; both sides fill a table without keys, in one transaction.
    """
    sys.path.insert(0, str(HERE.parent / "tests"))
    from servers import Mariadb, Postgres

    rows = 5_000_000
    results = []
    with tempfile.TemporaryDirectory(dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None) as name:
        folder = Path(name)
        folder.chmod(0o755)
        policy = json.loads((HERE / "policies/customers.json").read_text())
        policy["seedDirectory"] = str(HERE / "policies/seeds")
        policy["tables"][0]["columnRuleMap"] = {
            "customer_id": {"type": "SEQUENCE"},
            **policy["tables"][0]["columnRuleMap"],
        }
        del policy["tables"][0]["primaryKeyColumn"]
        path = folder / "customers.json"
        path.write_text(json.dumps(policy))
        command = [BIN / "faasera", "generate", path, "--rows", rows]
        subprocess.run([*map(str, command), "--out", name], check=True, stdout=subprocess.DEVNULL)
        csv, plain = folder / "customers.csv", folder / "plain.csv"
        with plain.open("wb") as file:
            subprocess.run(["tail", "-n", "+2", csv], check=True, stdout=file)
        columns = "customer_id bigint, firstname varchar(20), lastname varchar(20), email varchar(60), dob date, city varchar(40), state varchar(20), phone varchar(20), signup timestamp, balance decimal(10,2)"  # fmt: skip
        with Postgres("max_wal_size=8GB") as server:
            os.environ["FAASERA_CONNECTION_BENCH"] = server.url
            asking = ["psql", "-q", server.url, "-c"]

            def clear() -> None:
                subprocess.run(
                    [*asking, "DROP TABLE IF EXISTS customers", "-c", f"CREATE TABLE customers ({columns})"],
                    check=True,
                    stderr=subprocess.DEVNULL,
                )

            copy = f"\\copy customers FROM '{csv}' WITH (FORMAT csv, HEADER)"
            results += _beside(
                "PostgreSQL", "psql \\copy", [*command, "--to", "bench"], [*asking, copy], clear, rounds, 1 / 1.25, rows
            )
        with Mariadb("--local-infile=1", "--innodb-buffer-pool-size=1G") as server:
            shop = server.url + "bench"
            os.environ["FAASERA_CONNECTION_BENCH"] = shop
            client = [
                "mariadb",
                "--no-defaults",
                "--local-infile=1",
                "-h",
                "127.0.0.1",
                "-P",
                str(server.port),
                "-u",
                "faasera",
                "-ppa:ss/w@rd",
            ]
            subprocess.run([*client, "-e", "CREATE DATABASE bench"], check=True)

            def clear_maria() -> None:
                made = f"DROP TABLE IF EXISTS customers; CREATE TABLE customers ({columns.replace('timestamp', 'datetime')})"
                subprocess.run([*client, "bench", "-e", made], check=True)

            lines = "FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' LINES TERMINATED BY '\\n' IGNORE 1 LINES"
            load = f"LOAD DATA LOCAL INFILE '{csv}' INTO TABLE customers {lines}"
            results += _beside(
                "MariaDB",
                "LOAD DATA",
                [*command, "--to", "bench"],
                [*client, "bench", "-e", load],
                clear_maria,
                rounds,
                1 / 1.3,
                rows,
            )
        light = folder / "customers.db"

        def clear_light() -> None:
            light.unlink(missing_ok=True)
            subprocess.run(["sqlite3", light, f"CREATE TABLE customers ({columns})"], check=True)

        imported = ["sqlite3", light, f".import --csv {plain} customers"]
        results += _beside(
            "SQLite", ".import", [*command, "--to", f"sqlite:///{light}"], imported, clear_light, rounds, 1 / 1.3, rows
        )
        duck = folder / "customers.duckdb"
        runs = []
        for _ in range(rounds):
            duck.unlink(missing_ok=True)
            runs.append(measure([*command, "--to", f"duckdb:///{duck}"]))
        rate = rows / statistics.median(run.seconds for run in runs)
        memory = max(run.memory for run in runs)
        title = f"load {rows / 1e6:g} M rows, DuckDB"
        results.append(Result(title, "1 M rows/s", f"{rate / 1e6:.2f} M rows/s", "1 M rows/s", rate / 1e6, 1))
        results.append(Result(f"{title}, memory", "500 MB", f"{memory:.0f} MB", "500 MB", 500 / memory, 1))
    return results


def _beside(
    label: str,
    tool: str,
    ours: list[object],
    theirs: Sequence[object],
    clear: Callable[[], None],
    rounds: int,
    target: float,
    rows: int,
) -> list[Result]:
    """Our load and a tool's, in turn, each into an emptied table; and the memory of ours."""
    mine, other = [], []
    for _ in range(rounds):
        for command, group in ((ours, mine), (theirs, other)):
            clear()
            group.append(measure(command))
            print(".", end="", file=sys.stderr, flush=True)
    ratio = statistics.median(one.seconds / own.seconds for one, own in zip(other, mine, strict=True))
    shown = [f"{statistics.median(run.seconds for run in group):.2f} s" for group in (mine, other)]
    memory = max(run.memory for run in mine)
    title = f"load {rows / 1e6:g} M rows, {label}"
    return [
        Result(title, tool, *shown, ratio, target),
        Result(f"{title}, memory", "500 MB", f"{memory:.0f} MB", "500 MB", 500 / memory, 1),
    ]


def importing(_: int, rounds: int) -> list[Result]:
    """A schema of 500 tables in a PostgreSQL database becomes a policy."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from servers import Postgres

    statements = []
    for number in range(500):
        parent = f", parent_id integer REFERENCES table_{number - 1}(id)" if number else ""
        columns = "name varchar(60) NOT NULL, email varchar(80), city varchar(50), status varchar(8) CHECK (status IN ('new', 'old')), amount numeric(10,2) CHECK (amount > 0), created_at timestamp NOT NULL, updated_at timestamp, active boolean"  # fmt: skip
        statements.append(
            f"CREATE TABLE table_{number} (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY{parent}, {columns}, code char(8) UNIQUE)"
        )
    with Postgres() as server, tempfile.TemporaryDirectory() as folder:
        os.environ["FAASERA_CONNECTION_BENCH"] = server.url
        subprocess.run(["psql", "-q", server.url], input=";\n".join(statements) + ";", text=True, check=True)
        out = Path(folder) / "policy.json"
        runs = [measure([BIN / "faasera", "import", "bench", "-o", out, "--overwrite"]) for _ in range(rounds)]
        again = [measure([BIN / "faasera", "import", "bench", "-o", out]) for _ in range(rounds)]
    first, second = (statistics.median(run.seconds for run in group) for group in (runs, again))
    return [
        Result("import of 500 tables", "10 s", f"{first:.2f} s", "10 s", 10 / first, 1),
        Result("import of 500 tables, again", "10 s", f"{second:.2f} s", "10 s", 10 / second, 1),
    ]


def start_up(_: int, __: int) -> list[Result]:
    def seconds(*command: object) -> float:
        return statistics.median(measure([BIN / "faasera", *command]).seconds for _ in range(9))

    helping, previewing = seconds("--help"), seconds("preview", HERE.parent / "examples/guide/customers.json")
    return [
        Result("faasera --help", "0.25 s", f"{helping:.3f} s", "0.25 s", 0.25 / helping, 1),
        Result("faasera preview", "0.6 s", f"{previewing:.3f} s", "0.6 s", 0.6 / previewing, 1),
    ]


WORKS: dict[str, Callable[[int, int], list[Result]]] = {
    "start-up": start_up,
    "slow-peers": slow_peers,
    "customers-csv": customers("csv", 3),
    "customers-parquet": customers("parquet", 1.5),
    "shop-csv": shop,
    "lineitem-csv": lineitem("csv"),
    "lineitem-parquet": lineitem("parquet"),
    "relations": relations,
    "children": children,
    "check": checked,
    "people": people,
    "encoding": encoding,
    "loading": loading,
    "import": importing,
    "service": serving,
    "spark": spark,
    "function": function,
    "memory-csv": memory("csv"),
    "memory-parquet": memory("parquet"),
}


SCALE = "## Spark and functions"
PARTS = {
    "loading": "## Databases",
    "import": "## Databases",
    "service": "## Service",
    "spark": SCALE,
    "function": SCALE,
}


def machine() -> str:
    """The shape of this machine."""
    cores = len(os.sched_getaffinity(0))
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{cores} cores ({model}), {total:.0f} GiB of memory, Python {platform.python_version()}"


ENGINE = "# Benchmark results"
NOTES = {
    "## Databases": "the servers run on the same cores, with their data on disk.",
    "## Service": "the server and those who ask it share the cores.",
    SCALE: "Spark 4 in local[2] with its start-up excluded, each side warmed by a tenth of its rows; work A at 10 M rows, B at 10.5 M.",
}


def save(results: list[Result], rows: int, rounds: int) -> None:
    """Write the parts of RESULTS.md that the results belong to, and leave the others as they are."""
    path = HERE / "RESULTS.md"
    text = "\n" + (path.read_text() if path.exists() else "")
    headings = [ENGINE, *NOTES]
    found = {heading: text.find(f"\n{heading}\n") for heading in headings}
    parts = []
    for heading in headings:
        mine = [result for result in results if (result.part or ENGINE) == heading]
        if mine:
            parts.append(as_markdown(heading, mine, rows, rounds))
        elif found[heading] >= 0:
            ends = [place for place in found.values() if place > found[heading]]
            parts.append(text[found[heading] : min(ends, default=len(text))])
    path.write_text("\n".join(part.strip("\n") + "\n" for part in parts))


def as_markdown(heading: str, results: list[Result], rows: int, rounds: int) -> str:
    target = "memory (tmpfs)" if WORK.is_relative_to(MEMORY_DISK) else "disk"
    size = f"work A at {rows:,} rows, B at {21 * rows // 10:,}, C at {rows / 1e7:g} of TPC-H's scale factor 1."
    lines = [
        heading,
        "",
        f"Measured on {datetime.date.today()} by `make bench` on {machine()};",
        NOTES.get(heading, size),
        f"Whole processes in turn, {rounds} rounds, writing to {target}; the ratio is the median of the rounds'",
        "ratios, above 1 where Faasera is faster (or smaller).",
        "",
        "| work | against | Faasera | the other | ratio | to reach | |",
        "|---|---|---|---|---|---|---|",
    ]
    for result in results:
        mark = "reached" if result.reached else "**not reached**"
        ratio, target_ratio = f"{result.ratio:.2f}", f"{result.target:.2f}"
        cells = (result.work, result.peer, result.ours, result.theirs, ratio, target_ratio, mark)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def show(results: list[Result]) -> None:
    table = Table(title="Faasera against other tools", title_justify="left")
    for name in ("work", "against", "Faasera", "the other", "ratio", "to reach"):
        table.add_column(name, justify="right" if name in ("ratio", "to reach") else "left")
    for result in results:
        colour = "green" if result.reached else "red"
        ratio = f"[{colour}]{result.ratio:.2f}[/{colour}]"
        table.add_row(result.work, result.peer, result.ours, result.theirs, ratio, f"{result.target:.2f}")
    Console(stderr=True).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", nargs="*", metavar="WORK", help=f"one of {', '.join(WORKS)} (default: all)")
    parser.add_argument("--rows", type=int, default=10_000_000, help="rows of work A; the others follow it")
    parser.add_argument("--rounds", type=int, default=3, help="how often each command runs")
    parser.add_argument("--save", action="store_true", help="write benchmarks/RESULTS.md")
    options = parser.parse_args()
    if unknown := set(options.works) - set(WORKS):
        parser.error(f"there is no work {', '.join(sorted(unknown))}; choose from {', '.join(WORKS)}")
    results: list[Result] = []
    for name in options.works or WORKS:
        print(f"{name} ", end="", file=sys.stderr, flush=True)
        found = WORKS[name](options.rows, options.rounds)
        results += [replace(result, part=PARTS.get(name, "")) for result in found]
        print(file=sys.stderr)
    shutil.rmtree(WORK, ignore_errors=True)
    show(results)
    print(json.dumps([{**asdict(result), "reached": result.reached} for result in results], indent=2))
    if options.save:
        save(results, options.rows, options.rounds)


if __name__ == "__main__":
    main()
