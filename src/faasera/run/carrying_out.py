"""An order carried out: the policy planned, its rows made, signed and checked, while somebody watches."""

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from faasera.core.errors import refuse
from faasera.core.kept import Kept
from faasera.core.storage import Location
from faasera.plan.model import Plan
from faasera.run.into_files import Run
from faasera.run.manifest import Manifest
from faasera.run.order import Cluster, Files, IntoDatabase, Order
from faasera.run.pipeline import RowProgress
from faasera.run.planning import load_plan

if TYPE_CHECKING:
    from faasera.run.check.findings import StepProgress
    from faasera.run.check.report import CheckReport
    from faasera.run.into_database import LoadLog


class Watch(Protocol):
    """Is told how an order goes."""

    def writing(self, plan: Plan, order: Order) -> AbstractContextManager[RowProgress | None]:
        """Rows are made inside; what it gives is called as they are."""

    def checking(self) -> "AbstractContextManager[StepProgress | None]":
        """What was made is checked inside; what it gives is called as the check goes on."""


@dataclass(frozen=True)
class Called:
    """Calls a function as rows are made.

    Attributes:
        rows: the function; None where nobody looks.
    """

    rows: RowProgress | None = None

    def writing(self, plan: Plan, order: Order) -> AbstractContextManager[RowProgress | None]:  # noqa: ARG002
        """Hands the function on."""
        return contextlib.nullcontext(self.rows)

    def checking(self) -> AbstractContextManager[None]:
        """Nothing is told."""
        return contextlib.nullcontext()


@dataclass(frozen=True)
class Outcome:
    """What came of an order.

    Attributes:
        manifest: what was made.
        check: what SQL found, where it was asked.
        signature: the fingerprint of the key that signed, where one did.
    """

    manifest: Manifest
    check: "CheckReport | None" = None
    signature: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the manifest, with what was found and who signed."""
        made = self.manifest.as_dict()
        if self.check is not None:
            made["check"] = self.check.as_dict()
        if self.signature is not None:
            made["signedBy"] = self.signature
        return made


Maker: TypeAlias = Callable[[Order, Watch], Manifest]


def carry_out(
    order: Order, watch: Watch | None = None, *, plan: Plan | None = None, make: Maker | None = None
) -> Outcome:
    """Do all that an order says.

    Args:
        order: what is to be made.
        watch: is told how it goes.
        plan: of the order's policy, where it is there already.
        make: makes the rows, where not this process does: those of a cluster.

    Raises:
        PolicyError: the policy or the order is wrong; nothing was touched.
        RunError: the run failed; the target is as it was, or the message says what is left.
    """
    seen = watch or Called()
    if order.check and not isinstance(order.target, IntoDatabase):
        from faasera.run.check.folder import require_duckdb

        require_duckdb()
    sign = _signer(order)
    manifest = make(order, seen) if make is not None else make_rows(order, seen, plan=plan)
    signature = sign()
    return Outcome(manifest, prove(order, manifest.plan, seen) if order.check else None, signature)


def planned(order: Order, kept: Kept | None = None) -> Plan:
    """The plan of an order's policy.

    Args:
        order: that names it.
        kept: how running totals are made.

    Raises:
        PolicyError: with all problems of the policy.
    """
    directory = Path(order.directory) if order.directory is not None else None
    return load_plan(order.policy, seed=order.seed, rows=order.rows, directory=directory, name=order.name, kept=kept)


def make_rows(order: Order, watch: Watch, *, plan: Plan | None = None, log: "LoadLog | None" = None) -> Manifest:
    """Make the rows of an order in this process.

    Args:
        order: into files, or into a database.
        watch: is told how it goes.
        plan: of the order's policy, where it is there already.
        log: of a load into a database; see ``LoadLog``.

    Raises:
        PolicyError: the policy or the order is wrong; nothing was touched.
        RunError: the run failed; the target is as it was, or the message says what is left.
    """
    target = order.target
    if isinstance(target, Cluster):
        refuse("bad-option", "the order is for a cluster, and none is here", "Order 'files', or run it on a cluster.")
    return _files(order, target, watch, plan) if isinstance(target, Files) else _rows(order, target, watch, plan, log)


def _files(order: Order, target: Files, watch: Watch, plan: Plan | None) -> Manifest:
    plan = plan or planned(order)
    with watch.writing(plan, order) as progress:
        run = Run(plan, target, tables=order.tables, workers=order.workers, progress=progress, version=order.version)
        return run.execute()


def _rows(order: Order, target: IntoDatabase, watch: Watch, plan: Plan | None, log: "LoadLog | None") -> Manifest:
    from faasera.databases.base import open_database, require_db
    from faasera.databases.connections import find_connection

    require_db()
    from faasera.run.into_database import DatabaseRun

    connection = find_connection(target.to)
    plan = plan or planned(order)
    with contextlib.closing(open_database(connection)) as database, watch.writing(plan, order) as progress:
        run = DatabaseRun(
            plan,
            database,
            mode=target.mode,
            disable_triggers=target.disable_triggers,
            overwrite_source=target.overwrite_source,
            tables=order.tables,
            workers=order.workers,
            progress=progress,
            log=log,
            version=order.version,
        )
        return run.execute()


def prove(order: Order, plan: Plan, watch: Watch) -> "CheckReport":
    """What SQL finds of what was made, in files or in a database.

    Args:
        order: that made it.
        plan: of its policy.
        watch: is told how it goes.

    Raises:
        PolicyError: it cannot be read.
    """
    from faasera.run.check.check import check, check_database

    target = order.target
    with watch.checking() as progress:
        if isinstance(target, IntoDatabase):
            appended = target.mode == "append"
            return check_database(target.to, plan, tables=order.tables, appended=appended, progress=progress)
        return check(target.out, progress=progress, seed_directory=plan.directory)


def _signer(order: Order) -> Callable[[], str | None]:
    """What signs the manifest when it is there; the key is read before anything is made."""
    if order.sign is None:
        return lambda: None
    from faasera.run.signing import private_key, sign

    target = order.target
    if isinstance(target, IntoDatabase):
        refuse("no-effect", "'sign' has no effect on a database", "Remove it, or order files.")
    key = private_key(Path(order.sign))
    return lambda: sign(Location(target.out), key)
