"""The service under load: a stream beside the command line, previews of many clients, a hundred jobs, memory."""

import asyncio
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.result import Result

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
_CLIENTS, _RATE, _SECONDS = 50, 200, 20


def serving(_: int, rounds: int) -> list[Result]:
    """All measurements on one server after another."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from service_process import Api, ServerProcess

    memory_disk = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory_disk if memory_disk.is_dir() else None) as name:
        folder = Path(name)
        server = ServerProcess(folder / "data", "--jobs-at-once", "2", "--workers", "2").start()
        try:
            # A page that somebody looked at is part of an idle server.
            with server.client("") as client:
                client.get("/", follow_redirects=True)
            time.sleep(3)
            idle = server.memory() / 1e6
            with server.client() as client:
                api = Api(client)
                policy = _policy()
                for seed in sorted((HERE / "policies/seeds").iterdir()):
                    api.call("PUT", f"/seeds/{seed.name}", content=seed.read_bytes())
                api.put("customers", policy)
                results = [Result("idle server", "250 MB", f"{idle:.0f} MB", "250 MB", 250 / idle, 1)]
                results += _stream(server, folder, policy, rounds)
                results += _previews(server)
                results.append(_jobs(server, api))
        finally:
            server.stop()
    return results


def _policy() -> dict[str, Any]:
    policy: dict[str, Any] = json.loads((HERE / "policies/customers.json").read_text())
    policy.pop("seedDirectory", None)
    policy["tables"][0]["rowCount"] = 5_000_000
    return policy


def _stream(server: Any, folder: Path, policy: dict[str, Any], rounds: int) -> list[Result]:
    """Five million rows as CSV: over HTTP into a file, beside the command line; and the memory that this adds."""
    path = folder / "customers.json"
    path.write_text(json.dumps({**policy, "seedDirectory": str(HERE / "policies/seeds")}))
    url = f"{server.url}/api/v1/stream/customers/customers"
    reading = ["curl", "-sf", "-H", f"Authorization: Bearer {server.key}", "-o", str(folder / "out.csv"), url]
    # What the first reader of a policy finds to be made, all others share.
    subprocess.run([*reading[:-1], f"{url}?stop=20000"], check=True)
    ratios, mine, theirs, peak = [], [], [], 0
    for _ in range(rounds):
        shutil.rmtree(folder / "out", ignore_errors=True)
        started = time.perf_counter()
        subprocess.run(
            [BIN / "faasera", "generate", path, "--out", folder / "out"], check=True, stdout=subprocess.DEVNULL
        )
        theirs.append(time.perf_counter() - started)
        before = server.memory()
        started = time.perf_counter()
        with subprocess.Popen(reading) as process:
            while process.poll() is None:
                peak = max(peak, server.memory() - before)
                time.sleep(0.02)
            assert process.returncode == 0
        mine.append(time.perf_counter() - started)
        ratios.append(theirs[-1] / mine[-1])
    assert (folder / "out.csv").stat().st_size == (folder / "out/customers.csv").stat().st_size
    rates = [f"{5 / statistics.median(group):.2f} M rows/s" for group in (mine, theirs)]
    (folder / "out.csv").unlink()
    added = max(peak / 1e6, 1.0)
    return [
        Result("stream, csv", "the command line", *rates, statistics.median(ratios), 0.6),
        Result("stream, memory", "50 MB", f"{added:.0f} MB", "50 MB", 50 / added, 1),
    ]


def _previews(server: Any) -> list[Result]:
    """Fifty clients, four previews a second each; latencies count from when a request was due."""
    waits = asyncio.run(_load(server.url, server.key))
    waits.sort()
    percentile = waits[int(len(waits) * 0.99)]
    rate = len(waits) / _SECONDS
    shown = f"{percentile * 1000:.0f} ms at {rate:.0f}/s (median {statistics.median(waits) * 1000:.0f} ms)"
    title = f"previews, {_CLIENTS} clients"
    return [
        Result(f"{title}, 99th percentile", "150 ms", shown, "150 ms", 0.150 / percentile, 1),
        Result(f"{title}, rate", f"{_RATE}/s", f"{rate:.0f}/s", f"{_RATE}/s", rate / _RATE, 0.99),
    ]


async def _load(url: str, key: str) -> list[float]:
    import aiohttp

    waits: list[float] = []
    gap = _CLIENTS / _RATE
    begun = time.perf_counter() + 0.5

    async def client(session: aiohttp.ClientSession, number: int) -> None:
        for turn in range(_RATE * _SECONDS // _CLIENTS):
            due = begun + turn * gap + number * gap / _CLIENTS
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            body = {"policyName": "customers", "rows": 20, "offset": (number * 997 + turn * 31_337) % 4_999_000}
            async with session.post(f"{url}/api/v1/preview", json=body) as answer:
                found = await answer.json()
                assert len(found["data"]["rows"]) == 20
            waits.append(time.perf_counter() - due)

    connector = aiohttp.TCPConnector(limit=_CLIENTS)
    async with aiohttp.ClientSession(connector=connector, headers={"Authorization": f"Bearer {key}"}) as session:
        await asyncio.gather(*(client(session, number) for number in range(_CLIENTS)))
    return waits


def _jobs(server: Any, api: Any) -> Result:
    """A hundred jobs, queued by ten callers at once: how many are done in the end."""

    def queue(seed: int) -> str:
        with server.client() as client:
            from service_process import Api

            body = {"policyName": "customers", "rows": 1000, "seed": seed, "check": False}
            return str(Api(client).job(**body)["id"])

    started = time.perf_counter()
    with ThreadPoolExecutor(10) as pool:
        jobs = list(pool.map(queue, range(100)))
    done = sum(api.wait(job, 300)["state"] == "SUCCESS" for job in jobs)
    seconds = time.perf_counter() - started
    return Result("100 queued jobs", "100 done", f"{done} done, {seconds:.0f} s", "100 done", done / 100, 1)
