"""The deny list: values that no row may have, as they are or as keyed hashes.

A keyed hash is the AES-CMAC (RFC 4493) of the value's UTF-8 bytes, in hexadecimal digits: who has the list and not the
key cannot try values. Values are compared without case and without blanks at their ends.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from faasera.core.arrow import decoded
from faasera.core.errors import Problems, RunError, refuse
from faasera.core.text import to_text
from faasera.core.value import ByContent
from faasera.generators.ff1 import Bytes, aes
from faasera.generators.generator import Choice
from faasera.generators.keys import NamedKey, SecretKey
from faasera.generators.lists import ListDomain
from faasera.generators.seed_files import locate
from faasera.plan.outline import Outline
from faasera.policy.secrets import read_key

_HASH = re.compile(r"^[0-9a-f]{32}$")


Cipher = Callable[[Bytes], Bytes]
"""AES under a key, on rows of 16 bytes."""


def normal(texts: pa.Array) -> pa.Array:
    """Texts as they are compared."""
    return pc.utf8_trim_whitespace(pc.utf8_lower(texts))


def hashes(texts: pa.Array, key: bytes) -> npt.NDArray[np.bytes_]:
    """The AES-CMAC of each text under a key, 16 bytes each (RFC 4493)."""
    return _hashes(texts, aes(key))


def _hashes(texts: pa.Array, encrypt: Cipher) -> npt.NDArray[np.bytes_]:
    """The AES-CMAC of each text; texts of one length in blocks at once.

    Args:
        texts: without nulls.
        encrypt: AES under the key.
    """
    first, second = _subkeys(encrypt(np.zeros((1, 16), dtype=np.uint8))[0].tobytes())
    binary = texts.cast(pa.binary())
    offsets = np.frombuffer(binary.buffers()[1], dtype=np.int32)[binary.offset : binary.offset + len(binary) + 1]
    data = np.frombuffer(binary.buffers()[2] or b"", dtype=np.uint8)
    lengths = np.diff(offsets)
    result = np.zeros((len(texts), 16), dtype=np.uint8)
    for length in np.unique(lengths).tolist():
        rows = np.flatnonzero(lengths == length)
        blocks = max(1, -(-length // 16))
        padded = np.zeros((len(rows), 16 * blocks), dtype=np.uint8)
        if length:
            padded[:, :length] = data[offsets[:-1][rows][:, None] + np.arange(length)]
        whole = length == 16 * blocks
        if not whole:
            padded[:, length] = 0x80
        padded[:, -16:] ^= np.frombuffer(first if whole else second, dtype=np.uint8)
        state: Bytes = np.zeros((len(rows), 16), dtype=np.uint8)
        for start in range(0, 16 * blocks, 16):
            state = encrypt(state ^ padded[:, start : start + 16])
        result[rows] = state
    return result.reshape(-1).view("S16")


def _subkeys(block: bytes) -> tuple[bytes, bytes]:
    def doubled(value: int) -> int:
        return (value << 1 & (1 << 128) - 1) ^ (0x87 if value >> 127 else 0)

    first = doubled(int.from_bytes(block, "big"))
    return first.to_bytes(16, "big"), doubled(first).to_bytes(16, "big")


@dataclass(frozen=True, eq=False)
class DenyList(ByContent):
    """Values that no row may have.

    Attributes:
        name: of the file.
        values: as they are compared; or their hashes as hexadecimal digits.
        key: of the hashes; None for plain values.
    """

    name: str
    values: pa.Array = field(repr=False)
    key: SecretKey | None = field(repr=False)

    @cached_property
    def _sorted(self) -> npt.NDArray[np.bytes_]:
        raw = b"".join(bytes.fromhex(one) for one in self.values.to_pylist())
        return np.sort(np.frombuffer(raw, dtype="S16"))

    def denied(self, texts: pa.Array) -> npt.NDArray[np.bool_]:
        """Which texts are on the list; nulls are not."""
        compared = normal(pc.fill_null(texts, ""))
        if self.key is None:
            return np.asarray(pc.is_in(compared, value_set=self.values))
        found = _hashes(compared, self.key.cipher)
        place = np.minimum(np.searchsorted(self._sorted, found), len(self._sorted) - 1)
        equal: npt.NDArray[np.bool_] = self._sorted[place] == found
        return equal

    def check(self, table: str, columns: Sequence[str], batch: pa.RecordBatch, start: int) -> None:
        """Stop where a row has a value of the list.

        Raises:
            RunError: it has; the message names table, column and row, not the value.
        """
        for name, array in zip(columns, batch.columns, strict=True):
            row = self._hit(array)
            if row is not None:
                message = f"row {start + row:,} of '{table}.{name}' has a value of the deny list {self.name}"
                remedy = "Nothing was written. Choose another list or pattern for the column, or another seed."
                refuse("deny-list", message, remedy, at="/denyList", kind=RunError)

    def _hit(self, array: pa.Array) -> int | None:
        """The first row with a value of the list."""
        if pa.types.is_dictionary(array.type):
            if not self.denied(array.dictionary).any():
                return None
            array = decoded(array)
        texts = to_text(array)
        found = self.denied(decoded(texts))
        return int(np.argmax(found)) if found.any() else None

    def without(self, made: Choice) -> Choice:
        """A list of texts without what is denied, its weights with it; the same where nothing is."""
        domain = made.domain
        if not isinstance(domain, ListDomain) or not domain.data_type.is_text or made.stream is not None:
            return made
        kept = ~self.denied(domain.values)
        if kept.all() or not kept.any():
            return made
        places = np.flatnonzero(kept)
        weights = None if made.weights is None else tuple(made.weights[place] for place in places.tolist())
        values = domain.values.take(pa.array(places))
        return Choice(
            ListDomain(values, domain.data_type, f"{domain.source}, {int((~kept).sum()):,} denied ones left out"),
            weights,
            made.distribution,
            made.stream,
        )


def read_deny_list(name: str, key: SecretKey | None, directory: Path, problems: Problems) -> DenyList | None:
    """The list in a file of the seed directory, a value or a hash a line; None after problems were reported."""
    path = locate(name, directory, problems)
    if path is None:
        return None
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError):
        problems.add("seed-file-unreadable", f"'{name}' cannot be read as UTF-8", "Save it as UTF-8, a value a line.")
        return None
    values = [line for line in lines if line]
    if not values:
        problems.add("seed-file-empty", f"the deny list '{name}' has no values", "Add one, or remove 'denyList'.")
        return None
    if key is not None:
        strange = next(
            (number for number, line in enumerate(lines, start=1) if line and not _HASH.match(line.lower())), None
        )
        if strange is not None:
            message = f"line {strange} of '{name}' is no hash of 32 hexadecimal digits"
            problems.add("bad-value", message, "Make the list with: faasera seeds hash FILE --key …")
            return None
        return DenyList(path.name, pa.array([value.lower() for value in values]), key)
    return DenyList(path.name, normal(pa.array(values)).unique(), None)


def deny_list_of(outline: Outline) -> DenyList | None:
    """The deny list of a policy; None where there is none, or after problems were reported."""
    given = outline.document.deny_list
    if given is None:
        return None
    key = None
    if given.key_id is not None:
        document, directory = outline.document, outline.directory
        found = read_key(document, given.key_id, directory, outline.problems.at("denyList", "keyId"))
        if found is None:
            return None
        key = NamedKey.of(given.key_id, document.fpe_keys[given.key_id], directory, found)
    return read_deny_list(given.file, key, outline.seed_directory, outline.problems.at("denyList", "file"))
