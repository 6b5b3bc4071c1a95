"""How many calls a key may make, and how many streams it may read at once."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator

from faasera.service.errors import TooManyError

_BURST_SECONDS = 2.0
_MOST_KNOWN = 10_000


class Rates:
    """A bucket of tokens for each caller: full it holds two seconds' worth, and it fills at the rate.

    Args:
        rate: calls a second.
        streams: at once.
    """

    def __init__(self, rate: float, streams: int) -> None:
        self.rate = rate
        self.most_streams = streams
        self._buckets: dict[str, tuple[float, float]] = {}
        self._streams: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, caller: str, cost: float = 1.0) -> None:
        """Count a call.

        Raises:
            TooManyError: there were too many.
        """
        now, most = time.monotonic(), max(self.rate * _BURST_SECONDS, 1.0)
        with self._lock:
            if len(self._buckets) > _MOST_KNOWN:
                self._buckets.clear()
            tokens, last = self._buckets.get(caller, (most, now))
            tokens = min(most, tokens + (now - last) * self.rate)
            enough = tokens >= cost
            self._buckets[caller] = (tokens - cost if enough else tokens, now)
        if not enough:
            raise TooManyError("too many requests of this caller", max((cost - tokens) / self.rate, 1.0))

    @contextlib.contextmanager
    def stream(self, caller: str) -> Iterator[None]:
        """Count a stream while it is read.

        Raises:
            TooManyError: there are too many.
        """
        with self._lock:
            if self._streams[caller] >= self.most_streams:
                raise TooManyError(f"{self.most_streams} streams of this caller are being read", 5.0)
            self._streams[caller] += 1
        try:
            yield
        finally:
            with self._lock:
                self._streams[caller] -= 1
