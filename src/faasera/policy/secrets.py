"""Keys of format-preserving encoding: read from the environment or a file, and never shown."""

import os
from pathlib import Path

from faasera.core.errors import Problems, did_you_mean
from faasera.policy.model import Document, KeySource

_LENGTHS = (16, 24, 32)


def random_key() -> bytes:
    """A key of this process, from the operating system's entropy."""
    return os.urandom(32)


def read_key(document: Document, name: str, directory: Path, problems: Problems) -> bytes | None:
    """An AES key of the policy's ``fpeKeys``; None after a problem was reported, which does not show it."""
    source = document.fpe_keys.get(name)
    if source is None:
        remedy = did_you_mean(name, document.fpe_keys) if document.fpe_keys else "Add it to 'fpeKeys' of the document."
        problems.add("unknown-key-id", f"'fpeKeys' has no key '{name}'", remedy)
        return None
    return key_from(source, name, directory, problems)


def key_from(source: KeySource, name: str, directory: Path, problems: Problems) -> bytes | None:
    """The AES key that is said to be somewhere; None after a problem was reported, which does not show it."""
    given = [one for one in (source.env, source.file) if one is not None]
    if len(given) != 1:
        problems.add("exclusive-keys", f"the key '{name}' is in 'env' or in 'file'", "Give exactly one of them.")
        return None
    if source.env is not None:
        text = os.environ.get(source.env)
        if text is None:
            message = f"the environment has no {source.env} for the key '{name}'"
            problems.add("missing-fpe-key", message, f"Set {source.env} to 32, 48 or 64 hexadecimal digits.")
            return None
    else:
        path = directory / str(source.file)
        try:
            text = path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            message = f"the file '{source.file}' of the key '{name}' cannot be read as a key"
            problems.add("missing-fpe-key", message, "Write 32, 48 or 64 hexadecimal digits into it.")
            return None
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) not in _LENGTHS:
        message = f"the key '{name}' is no AES key: {len(text.strip())} characters"
        problems.add("bad-fpe-key", message, "Use 32, 48 or 64 hexadecimal digits (openssl rand -hex 32).")
        return None
    return key
