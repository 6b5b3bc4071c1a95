"""Signed manifests: who vouches for an output, and that not a byte of it has changed since.

Source: Ed25519, RFC 8032, by the package ``cryptography``. Signed is the manifest as canonical JSON (sorted keys,
no white space, UTF-8) without its ``signature``; it names the SHA-256 of every file.
"""

import base64
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faasera.core.errors import PolicyError, Problem, refuse
from faasera.core.extras import require
from faasera.core.storage import Location
from faasera.run.manifest import MANIFEST, as_text, read_manifest

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

VARIABLE = "FAASERA_SIGNING_KEY"
_ALGORITHM = "Ed25519"
_PIECE = 1 << 20


@dataclass(frozen=True)
class Verification:
    """What became of a signed output.

    Attributes:
        key: the fingerprint of the key that signed.
        trusted: whether that is a key which the caller named; None if none was named.
        intact: whether the manifest is as it was signed.
        changed: files that are not as they were signed.
        missing: files that are gone.
    """

    key: str
    trusted: bool | None
    intact: bool
    changed: Sequence[str]
    missing: Sequence[str]

    @property
    def ok(self) -> bool:
        """Whether all is as somebody signed it, and not a stranger."""
        return self.intact and self.trusted is not False and not self.changed and not self.missing

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "ok": self.ok,
            "key": self.key,
            "trusted": self.trusted,
            "intact": self.intact,
            "changed": list(self.changed),
            "missing": list(self.missing),
        }


def new_key() -> tuple[bytes, bytes]:
    """A new private key and its public key, in PEM."""
    serialization, ed25519 = _cryptography()
    private = ed25519.Ed25519PrivateKey.generate()
    return (
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        _pem(private.public_key()),
    )


def private_key(path: Path | None) -> "Ed25519PrivateKey":
    """The key of a PEM file, or without one that of the variable ``FAASERA_SIGNING_KEY``, which holds the PEM itself.

    Raises:
        PolicyError: there is none, or it is no Ed25519 key.
    """
    serialization, ed25519 = _cryptography()
    where, text = _text(path, VARIABLE)
    try:
        key = serialization.load_pem_private_key(text, password=None)
    except (ValueError, TypeError):
        raise PolicyError([_no_key(where, "private")]) from None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise PolicyError([_no_key(where, "private")])
    found: Ed25519PrivateKey = key
    return found


def public_key(path: Path) -> "Ed25519PublicKey":
    """The key of a PEM file.

    Raises:
        PolicyError: there is none, or it is no Ed25519 key.
    """
    serialization, ed25519 = _cryptography()
    where, text = _text(path, "")
    try:
        key = serialization.load_pem_public_key(text)
    except ValueError:
        raise PolicyError([_no_key(where, "public")]) from None
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise PolicyError([_no_key(where, "public")])
    found: Ed25519PublicKey = key
    return found


def fingerprint(key: "Ed25519PublicKey") -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a public key's 32 bytes."""
    return hashlib.sha256(_raw(key)).hexdigest()[:16]


def hashed(location: Location, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest with the SHA-256 of each file.

    Raises:
        PolicyError: a file is missing.
    """
    made = json.loads(json.dumps(manifest))
    missing = []
    with location.translated(PolicyError):
        for table in made["tables"]:
            for file in table["files"]:
                digest = _sha256(location, file["path"])
                if digest is None:
                    missing.append(file["path"])
                else:
                    file["sha256"] = digest
    if missing:
        message = f"{location} lacks files of its manifest: {', '.join(missing[:3])}"
        refuse("files-missing", message, "Generate the output again.")
    return dict(made)


def sign(location: Location, key: "Ed25519PrivateKey") -> str:
    """Sign what is at a place: its manifest names every file's hash, and says who vouches for it.

    Returns:
        The fingerprint of the key.

    Raises:
        PolicyError: there is no manifest, or a file is missing.
    """
    manifest = hashed(location, _unsigned(read_manifest(location)))
    public = key.public_key()
    signature = {
        "algorithm": _ALGORITHM,
        "key": fingerprint(public),
        "publicKey": base64.b64encode(_raw(public)).decode(),
        "value": base64.b64encode(key.sign(_canonical(manifest))).decode(),
    }
    with location.translated(PolicyError):
        location.write(MANIFEST, as_text({**manifest, "signature": signature}))
    return fingerprint(public)


def verify(location: Location, trusted: Sequence["Ed25519PublicKey"] = ()) -> Verification:
    """Whether what is at a place is as it was signed.

    Args:
        location: of the output.
        trusted: keys that may have signed; none to accept the one that the manifest names.

    Raises:
        PolicyError: there is no manifest, or it is not signed.
    """
    from cryptography.exceptions import InvalidSignature

    _, ed25519 = _cryptography()
    manifest = read_manifest(location)
    signature = manifest.get("signature")
    if not isinstance(signature, dict):
        message = f"{location} has a manifest that nobody signed"
        refuse("not-signed", message, "Sign it: faasera manifest sign DIR --key FILE.")
    try:
        raw = base64.b64decode(str(signature["publicKey"]), validate=True)
        key = ed25519.Ed25519PublicKey.from_public_bytes(raw)
        key.verify(base64.b64decode(str(signature["value"]), validate=True), _canonical(_unsigned(manifest)))
        intact = signature.get("algorithm") == _ALGORITHM
    except (InvalidSignature, KeyError, ValueError):
        intact = False
        raw = str(signature.get("publicKey")).encode()
    changed, missing = [], []
    with location.translated(PolicyError):
        for path, wanted in _files(manifest):
            digest = _sha256(location, path) if _inside(path) else None
            if digest is None:
                missing.append(path)
            elif digest != wanted:
                changed.append(path)
    known = {_raw(one) for one in trusted}
    return Verification(hashlib.sha256(raw).hexdigest()[:16], raw in known if known else None, intact, changed, missing)


def _files(manifest: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """The files that a manifest lists, each with its hash; none where somebody has broken it."""
    try:
        return [(str(file["path"]), file.get("sha256")) for table in manifest["tables"] for file in table["files"]]
    except (KeyError, TypeError, AttributeError):
        return []


def _inside(path: str) -> bool:
    return not path.startswith("/") and ".." not in path.split("/")


def _unsigned(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in manifest.items() if name != "signature"}


def _canonical(manifest: Mapping[str, Any]) -> bytes:
    return json.dumps(manifest, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _sha256(location: Location, name: str) -> str | None:
    """Of a file's bytes; None if there is none."""
    digest = hashlib.sha256()
    pieces = location.pieces(name, _PIECE)
    if pieces is None:
        return None
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def _text(path: Path | None, variable: str) -> tuple[str, bytes]:
    if path is None:
        text = os.environ.get(variable, "")
        if not text:
            remedy = f"Give --key FILE, or set {variable} to the PEM text: faasera manifest keygen makes one."
            refuse("signing-key", "there is no key to sign with", remedy)
        return variable, text.encode()
    try:
        return str(path), path.read_bytes()
    except OSError as error:
        message = f"the key {path} cannot be read: {error.strerror or error}"
        refuse("signing-key", message, "Check the path and its permissions.")


def _no_key(where: str, kind: str) -> Problem:
    remedy = "Make one: faasera manifest keygen FILE, or openssl genpkey -algorithm ed25519."
    return Problem("", "signing-key", f"{where} holds no {kind} Ed25519 key in PEM without a password", remedy)


def _raw(key: "Ed25519PublicKey") -> bytes:
    return key.public_bytes_raw()


def _pem(key: "Ed25519PublicKey") -> bytes:
    serialization, _ = _cryptography()
    pem: bytes = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return pem


def _cryptography() -> tuple[Any, Any]:
    require("cryptography", extra="fpe", purpose="a signature")
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519

    return serialization, ed25519
