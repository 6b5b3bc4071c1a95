"""Encryption keys as values: where a key is, and never the key itself in what is shown, copied or sent."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any

from typing_extensions import override

from faasera.core.errors import Problems, refuse
from faasera.core.value import ByContent
from faasera.generators.ff1 import Bytes, aes
from faasera.policy.model import KeySource
from faasera.policy.secrets import key_from, random_key


def fingerprint(key: bytes) -> bytes:
    """What tells one key from another and leads to neither: a digest under the key itself."""
    return blake2b(b"faasera key", key=key, digest_size=8).digest()


class SecretKey(ByContent, ABC):
    """An AES key; two are equal where they are the same key from the same place.

    Attributes:
        bits: its length.
    """

    bits: int

    @cached_property
    def cipher(self) -> Callable[[Bytes], Bytes]:
        """AES under the key, on rows of 16 bytes; made when it is first asked for, and never copied.

        Raises:
            ImportError: the package cryptography is not installed.
            PolicyError: the key is not there, or another one.
        """
        return aes(self._read())

    @abstractmethod
    def _read(self) -> bytes:
        """The key."""

    @abstractmethod
    def describe(self) -> str:
        """A phrase for the plan."""


@dataclass(frozen=True, eq=False)
class NamedKey(SecretKey):
    """A key of the policy's ``fpeKeys``. A copy in another process reads it there, where the policy says that it is.

    Attributes:
        name: of the key.
        source: where it is.
        directory: the policy's, for a key in a file.
        bits: its length.
        fingerprint: of the key that the plan was made with.
    """

    name: str
    source: KeySource
    directory: Path
    bits: int
    fingerprint: bytes = field(repr=False)

    @classmethod
    def of(cls, name: str, source: KeySource, directory: Path, key: bytes) -> "NamedKey":
        """The value of a key that was just read."""
        return cls(name, source, directory if source.file is not None else Path(), 8 * len(key), fingerprint(key))

    @override
    def _read(self) -> bytes:
        problems = Problems(("fpeKeys", self.name))
        key = key_from(self.source, self.name, self.directory, problems)
        if key is not None and fingerprint(key) != self.fingerprint:
            message = f"the key '{self.name}' here is not the one that the rows were planned with"
            problems.add("bad-fpe-key", message, "Set the same key everywhere.")
        problems.raise_any()
        assert key is not None
        return key

    @override
    def describe(self) -> str:
        return f"key '{self.name}'"


@dataclass(frozen=True, eq=False)
class OwnKey(SecretKey):
    """A key of this process alone, which is thrown away with it: no copy of it can be sent anywhere.

    Attributes:
        place: the column that is encoded with it.
        secret: the key.
        bits: its length.
        fingerprint: of the key.
    """

    place: str
    secret: bytes = field(repr=False, compare=False)
    bits: int
    fingerprint: bytes = field(repr=False)

    @classmethod
    def random(cls, place: str) -> "OwnKey":
        """A new one, from the operating system's entropy."""
        key = random_key()
        return cls(place, key, 8 * len(key), fingerprint(key))

    @override
    def _read(self) -> bytes:
        return self.secret

    @override
    def describe(self) -> str:
        return "a key of this run that is thrown away"

    @override
    def __getstate__(self) -> dict[str, Any]:
        refuse(
            "key-not-portable",
            f"'{self.place}' is encoded with a key that each process throws away: several would not agree",
            "Name a key with 'fpeKeyId', and set it in the environment of all of them.",
        )
