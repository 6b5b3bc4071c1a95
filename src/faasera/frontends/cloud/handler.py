"""The handler that all functions share: an event comes in, a result goes out."""

import json
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from faasera.core.errors import FaaseraError, RunError, refuse
from faasera.core.logs import configure
from faasera.core.storage import Location
from faasera.core.version import __version__
from faasera.frontends.cloud.events import Event, read_event
from faasera.plan.model import Plan
from faasera.run.carrying_out import planned
from faasera.run.fetching import forget
from faasera.run.in_shards import Shard, ShardedRun, WrittenShard, committed
from faasera.run.making import Making
from faasera.run.manifest import MANIFEST
from faasera.run.objects import refuse_other_run
from faasera.run.order import Order
from faasera.run.output import file_name
from faasera.run.parcel import Parcel

SHARDS = "_shards"
_CLAIM = f"{SHARDS}/run.json"
_MOST_INLINE = 64 << 10
_KEPT = 8
_PLANS: OrderedDict[str, Plan] = OrderedDict()

Send = Callable[[Iterable[dict[str, Any]]], None]
"""Hands events to a queue, from which the same function takes them."""


def handle(given: object, *, send: Send | None = None) -> dict[str, Any]:
    """Do what an event asks for.

    Args:
        given: the event, as JSON has it: a shard to write, or a run to plan, make or commit.
        send: where a run puts its shards, so that many functions share them; None writes them here, one by one.

    Returns:
        What was done, as JSON has it.

    Raises:
        PolicyError: the event or its policy is wrong; another attempt would fail alike.
        RunError: it failed; another attempt may succeed.
    """
    configure()
    try:
        return _handled(read_event(given), send)
    finally:
        forget()


def _handled(event: Event, send: Send | None) -> dict[str, Any]:
    _allow(event.output)
    if event.engine is not None and event.engine != __version__:
        message = f"the run was planned by faasera {event.engine}, and this function has {__version__}"
        refuse("engine-mismatch", message, "Deploy the version that plans.", at="/engine")
    done = _done(event)
    if done is not None:
        return done
    run = sharded_run(event)
    if event.run is not None and event.run != run.run:
        message = (
            f"the event belongs to the run {event.run}, and its policy makes the run {run.run} "
            f"(digest {run.plan.digest}): the policy, its files or the options have changed"
        )
        refuse("other-run", message, "Plan again, and run those events.", at="/run")
    if event.kind == "shard":
        return _shard(event, run)
    if event.kind == "commit":
        return _commit(event, run)
    if event.kind == "plan":
        return {"run": run.run, "events": list(shard_events(event, run))}
    return _run(event, run, send)


def _done(event: Event) -> dict[str, Any] | None:
    """The answer to a shard or a commit that comes once more when its run is committed; None where it is not."""
    if event.run is None or event.kind not in ("shard", "commit"):
        return None
    location = Location(event.output)
    with location.translated():
        manifest = committed(location)
    if manifest is None or manifest.get("run") != event.run:
        return None
    if event.kind == "commit":
        return _summary(location, manifest)
    return {"run": event.run, "table": event.table, "rows": event.rows, "repeated": True}


def _summary(location: Location, manifest: dict[str, Any]) -> dict[str, Any]:
    return {
        "run": manifest["run"],
        "manifest": f"{location}/{MANIFEST}",
        "rows": sum(table["rows"] for table in manifest["tables"]),
        "tables": {table["name"]: table["digest"] for table in manifest["tables"]},
    }


def sharded_run(event: Event) -> ShardedRun:
    """The run that an event belongs to.

    Raises:
        PolicyError: the policy or the call is wrong.
    """
    return ShardedRun(_plan(event), event.target, event.tables)


def shard_events(event: Event, run: ShardedRun, *, commits: bool = False) -> Iterator[dict[str, Any]]:
    """The events of all shards of a run; what a policy needs lies beside the output, where it is too much for them.

    Args:
        event: that asks for the run.
        run: the run.
        commits: whether the last shard that is written commits the run.

    Raises:
        PolicyError: the place holds another run.
        RunError: it cannot be written.
    """
    refuse_other_run(run.location, [table.name for table in run.tables], overwrite=event.overwrite)
    plan = run.plan
    said: dict[str, Any] = {"policy": plan.policy}
    if plan.inputs or plan.keys or len(json.dumps(plan.policy)) > _MOST_INLINE:
        name = f"{SHARDS}/{run.run}.parcel"
        with run.location.translated():
            run.location.write(name, Parcel.of(plan).to_text().encode())
        said = {"parcel": run.location.child(name).url}
    common = event.model_copy(update={"action": None, "run": run.run, "engine": __version__, "policy": None})
    common = common.model_copy(update={"parcel": None, "seed": None, "row_counts": None})
    base = said | {key: value for key, value in common.as_json().items() if key not in ("shardRows",)}
    base["output"] = run.location.url if "://" in event.output else event.output
    total = sum(map(run.count, run.tables))
    for shard in run.shards():
        made = base | {"table": shard.table, "rows": [shard.start, shard.stop], "part": shard.number}
        yield made | ({"of": total} if commits else {})


def _plan(event: Event) -> Plan:
    """The plan of an event's policy; a function that stays warm has it already."""
    if event.parcel is not None:
        kept = _kept(("parcel", event.parcel))
        if kept is not None:
            return kept
        location = Location(event.parcel)
        with location.translated():
            content = location.read()
        if content is None:
            message = f"{location} does not exist"
            refuse("policy-unreadable", message, "Plan the run again.", at="/parcel")
        return _keep(("parcel", event.parcel), Parcel.from_text(content.decode()).plan())
    assert event.policy is not None
    key = ("policy", event.policy, event.seed, event.row_counts)
    inline = isinstance(event.policy, dict)
    kept = _kept(key) if inline else None
    if kept is not None:
        return kept
    plan = planned(Order(event.policy, event.target, seed=event.seed, rows=event.row_counts))
    return _keep(key, plan) if inline else plan


def _kept(key: object) -> Plan | None:
    text = json.dumps(key)
    if text in _PLANS:
        _PLANS.move_to_end(text)
    return _PLANS.get(text)


def _keep(key: object, plan: Plan) -> Plan:
    _PLANS[json.dumps(key)] = plan
    while len(_PLANS) > _KEPT:
        _PLANS.popitem(last=False)
    return plan


def _note(run: ShardedRun, shard: Shard) -> str:
    """The name of the note that a shard is written."""
    return f"{_notes(run)}/{file_name(shard.table)}/{shard.start}-{shard.stop}.json"


def _notes(run: ShardedRun) -> str:
    """The folder of a run's notes."""
    return f"{SHARDS}/{run.run}"


def _shard(event: Event, run: ShardedRun) -> dict[str, Any]:
    assert event.table is not None and event.rows is not None
    shard = Shard(event.table, event.part, *event.rows)
    run.check(shard)
    with run.location.translated():
        manifest = _refuse_committed(event, run)
        if manifest is not None and manifest.get("run") == run.run:
            return {"run": run.run, "table": event.table, "rows": event.rows, "repeated": True}
        _claim(event, run)
        note = run.location.read(_note(run, shard))
        written = WrittenShard.from_json(note) if note is not None else None
        repeated = written is not None and run.location.size(written.path) == written.size
        if written is None or not repeated:
            written = run.write(shard, workers=os.cpu_count() or 1)
            run.location.write(_note(run, shard), written.to_json().encode())
        last = event.of is not None and len(run.location.files(_notes(run))) >= event.of
    result = {
        "run": written.run,
        "table": written.table,
        "rows": [written.start, written.stop],
        "path": written.path,
        "bytes": written.size,
        "seconds": round(written.seconds, 3),
        "repeated": repeated,
    }
    if event.of is not None:
        result["committed"] = last
    if last:
        _commit(event, run)
    return result


def _claim(event: Event, run: ShardedRun) -> None:
    """See that the place is this run's.

    Raises:
        PolicyError: it is another run's.
    """
    mine = {"run": run.run, "digest": run.plan.digest}
    text = run.location.read(_CLAIM)
    claim = json.loads(text) if text is not None else None
    if claim is not None and claim != mine and not event.overwrite:
        message = (
            f"shards of the run {claim['run']} are written there (policy and inputs: {claim['digest']}), "
            f"and this is the run {run.run} ({run.plan.digest})"
        )
        remedy = 'Run all shards with the same policy and options; or choose another place, or "overwrite": true.'
        refuse("other-run", message, remedy, at="/policy")
    if claim != mine:
        run.location.write(_CLAIM, json.dumps(mine).encode())


def _refuse_committed(event: Event, run: ShardedRun) -> dict[str, Any] | None:
    """The manifest that is there, if it is this run's, or may be overwritten.

    Raises:
        PolicyError: it is another run's.
    """
    manifest = committed(run.location)
    if manifest is not None and manifest.get("run") != run.run and not event.overwrite:
        message = f"{run.location} holds the output of another run: {MANIFEST}"
        refuse("output-exists", message, 'Choose another place, or "overwrite": true.', at="/output")
    return manifest


def _commit(event: Event, run: ShardedRun) -> dict[str, Any]:
    with run.location.translated():
        manifest = _refuse_committed(event, run)
        if manifest is None or manifest.get("run") != run.run:
            notes = [run.location.read(name) for name in run.location.files(_notes(run))]
            try:
                with Making() as making:
                    run.begin(making)
                    written = (WrittenShard.from_json(note) for note in notes if note is not None)
                    manifest = run.commit(written, making=making).as_dict()
            except RunError:
                # Another function may have committed meanwhile, and removed the notes.
                manifest = committed(run.location)
                if manifest is None or manifest.get("run") != run.run:
                    raise
        run.location.delete(run.location.files(SHARDS))
    return _summary(run.location, manifest)


def _run(event: Event, run: ShardedRun, send: Send | None) -> dict[str, Any]:
    if send is not None:
        events = list(shard_events(event, run, commits=True))
        send(events)
        return {"run": run.run, "sent": len(events)}
    for one in shard_events(event, run):
        _handled(read_event(one), None)
    return _commit(event, run)


def _allow(output: str) -> None:
    """See that a place is one that the function's owner allows, where ``FAASERA_OUTPUTS`` says so.

    Raises:
        PolicyError: it is not.
    """
    allowed = os.environ.get("FAASERA_OUTPUTS", "").split()
    place = Location(output)
    if allowed and not any(f"{place}/".startswith(f"{Location(one)}/") for one in allowed):
        message = f"this function does not write to {place}"
        refuse("output-not-allowed", message, f"Write below {' or '.join(allowed)}.", at="/output")


def problems_of(error: FaaseraError) -> dict[str, Any]:
    """An error as JSON; ``retry`` says whether another attempt may succeed."""
    problems = [problem.as_dict() for problem in error.problems]
    return {"problems": problems, "retry": isinstance(error, RunError)}
