"""Folders that a URL names: on this machine, or in Amazon S3, Google Cloud Storage or Azure, through ``pyarrow.fs``."""

import contextlib
import os
import posixpath
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

import pyarrow as pa

from faasera.core.errors import FaaseraError, PolicyError, Problem, RunError, did_you_mean, refuse

_SAME = {"s3a": "s3", "s3n": "s3", "gcs": "gs"}
_CREDENTIALS = {
    "s3": ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    "gs": ("GOOGLE_APPLICATION_CREDENTIALS",),
    "abfs": ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET"),
    "abfss": ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET"),
}
_OTHERS = {
    "s3": "a profile, or the role of the machine",
    "gs": "'gcloud auth application-default login', or the machine's service account",
    "abfs": "'az login', or a managed identity",
    "abfss": "'az login', or a managed identity",
}
_PATIENCE = 30
_DENIED = ("ACCESS_DENIED", "INVALID_ACCESS_KEY", "SIGNATURE", "403", "401", "redential", "OAuth2", "PERMISSION_DENIED")
_ABSENT = ("NO_SUCH_BUCKET", "NoSuchBucket", "RESOURCE_NOT_FOUND", "404", "Not Found", "not found", "does not exist")
_UNREACHABLE = ("NETWORK_CONNECTION", "resolve", "onnection refused", "imeout", "imed out", "Couldn't connect")


def is_url(place: object) -> bool:
    """Whether a place is a URL of files, not a path.

    >>> is_url("s3://bucket/shop"), is_url("data/shop"), is_url("postgresql://host/shop")
    (True, False, False)
    """
    scheme, separator, _ = str(place).partition("://")
    return bool(separator) and _SAME.get(scheme, scheme) in (*_CREDENTIALS, "file")


class Upload:
    """Takes the bytes of one file; an object store has the file only when it is closed.

    Args:
        begin: opens the stream, when the first bytes come.
    """

    def __init__(self, begin: Callable[[], Any]) -> None:
        self._begin = begin
        self._stream: Any = None

    def write(self, data: bytes | memoryview, /) -> int:
        """Take all of the bytes."""
        if self._stream is None:
            self._stream = self._begin()
        self._stream.write(data)
        return len(data)

    def fileno(self) -> int:
        """An object has none.

        Raises:
            OSError: always.
        """
        raise OSError("an object has no file descriptor")

    def close(self) -> None:
        """Send the rest."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None


class Location:
    """A folder that a URL or a path names; nothing is asked of the store before the first use.

    Attributes:
        url: with what the store has to know: an endpoint, a region.
        shown: for messages and manifests, without these.

    Raises:
        PolicyError: the URL names no place of files, or holds a secret.
    """

    def __init__(self, place: str | Path) -> None:
        if not is_url(place):
            problem = unknown_scheme(str(place))
            if problem is not None:
                raise PolicyError([problem])
            place = "file://" + quote(str(Path(place).absolute()))
        parts = urlsplit(str(place))
        if parts.username is not None or parts.password is not None:
            public = parts.scheme in ("abfs", "abfss") or parts.username == "anonymous"
            if parts.password is not None or not public:
                _refuse_secrets(parts)
        self._parts = parts._replace(
            scheme=_SAME.get(parts.scheme, parts.scheme), path=posixpath.normpath(parts.path or "/")
        )
        if self._parts.scheme != "file" and not parts.netloc:
            message = f"'{parts.scheme}://' names no bucket"
            refuse("storage-url", message, f"Write {parts.scheme}://bucket/folder.")
        self.url = self._parts.geturl()
        shown = self._parts._replace(query="", fragment="").geturl()
        self.shown = unquote(self._parts.path) if self._parts.scheme == "file" else shown.rstrip("/")

    def __str__(self) -> str:
        """For messages."""
        return self.shown

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        return self._parts.scheme == "file"

    @property
    def scheme(self) -> str:
        """Of its URL: ``s3``, ``gs``, ``abfs`` or ``file``."""
        return self._parts.scheme

    @property
    def bare(self) -> str:
        """Its URL without what only our own reader has to know."""
        return self._parts._replace(query="", fragment="").geturl()

    @property
    def query(self) -> dict[str, str]:
        """What its URL says of the store: an endpoint, a region."""
        return dict(parse_qsl(self._parts.query))

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        """The file system, and the folder's path in it."""
        from pyarrow import fs

        url = self.url
        if self._parts.scheme == "gs" and "retry_limit_seconds" not in self._parts.query:
            # A quarter of an hour by default.
            limit = f"retry_limit_seconds={_PATIENCE}"
            url = self._parts._replace(query="&".join(filter(None, [self._parts.query, limit]))).geturl()
        system, root = fs.FileSystem.from_uri(url)
        return system, root.rstrip("/")

    def _path(self, name: str) -> str:
        root = self._opened[1]
        return f"{root}/{name}" if name else root

    def child(self, name: str) -> "Location":
        """A folder or file below."""
        path = posixpath.join(self._parts.path, quote(name))
        return Location(self._parts._replace(path=path).geturl())

    @property
    def parent(self) -> "Location":
        """The folder that it is in."""
        return Location(self._parts._replace(path=posixpath.dirname(self._parts.path)).geturl())

    @property
    def name(self) -> str:
        """The last part of its path."""
        return posixpath.basename(unquote(self._parts.path))

    def open(self, name: str) -> Upload:
        """A new file below the folder; in an object store it is sent in parts, and there once it is closed.

        Its methods raise ``OSError`` where the store does not take it; ``translated`` says it to people.
        """

        def begin() -> Any:
            system, path = self._opened[0], self._path(name)
            if self.is_local:
                system.create_dir(posixpath.dirname(path))
            return system.open_output_stream(path)

        return Upload(begin)

    def write(self, name: str, data: bytes) -> None:
        """Put a small file there, whole: nobody sees a part of it."""
        hidden = f"{name}.{os.getpid()}.partial" if self.is_local else name
        upload = self.open(hidden)
        upload.write(data)
        upload.close()
        if self.is_local:
            self._opened[0].move(self._path(hidden), self._path(name))

    def read(self, name: str = "") -> bytes | None:
        """The content of a file below the folder, or of the location itself; None if there is none."""
        system, path = self._opened[0], self._path(name)
        if self.size(name) is None:
            return None
        with system.open_input_stream(path) as stream:
            content: bytes = stream.read()
        return content

    def pieces(self, name: str, size: int) -> Iterator[bytes] | None:
        """The content of a file below the folder, piece by piece; None if there is none."""
        system, path = self._opened[0], self._path(name)
        if self.size(name) is None:
            return None

        def read() -> Iterator[bytes]:
            with system.open_input_stream(path) as stream:
                while piece := stream.read(size):
                    yield piece

        return read()

    def size(self, name: str = "") -> int | None:
        """How many bytes a file has; None if there is none."""
        from pyarrow import fs

        info = self._opened[0].get_file_info(self._path(name))
        return int(info.size) if info.type == fs.FileType.File else None

    def files(self, below: str = "") -> dict[str, int]:
        """The files below a folder of the location, all levels down, with their sizes in bytes."""
        from pyarrow import fs

        selector = fs.FileSelector(self._path(below), allow_not_found=True, recursive=True)
        prefix = len(self._path("")) + 1
        found = self._opened[0].get_file_info(selector)
        return {info.path[prefix:]: int(info.size) for info in found if info.type == fs.FileType.File}

    def delete(self, names: Iterable[str]) -> None:
        """Remove files that are there, and of a local folder the folders that this leaves empty."""
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                self._opened[0].delete_file(self._path(name))
            if self.is_local:
                with contextlib.suppress(OSError):
                    for folder in list(Path(name).parents)[:-1]:
                        (Path(self._path("")) / folder).rmdir()

    @contextlib.contextmanager
    def translated(self, error: type[FaaseraError] = RunError, pointer: str = "") -> Iterator[None]:
        """What the store refuses, as an error for people.

        Raises:
            FaaseraError: of the given kind.
        """
        try:
            yield
        except (OSError, pa.ArrowException) as refused:
            raise error([self._problem(refused, pointer)]) from None

    def _problem(self, error: Exception, pointer: str) -> Problem:
        scheme, text = self._parts.scheme, _without_secrets(str(error))
        if scheme in _CREDENTIALS and any(word in text for word in _DENIED):
            unset = [name for name in _CREDENTIALS[scheme] if not os.environ.get(name)]
            message = f"{self.shown}: access is denied"
            if len(unset) == len(_CREDENTIALS[scheme]):
                message = f"{self.shown}: access is denied, and there are no credentials: {_none_of(unset)}"
            remedy = f"Set {' and '.join(_CREDENTIALS[scheme][:2])}, or use {_OTHERS[scheme]}."
            return Problem(pointer, "storage-denied", message, remedy)
        if any(word in text for word in _UNREACHABLE):
            return Problem(
                pointer, "storage-unreachable", f"{self.shown}: no answer", "Check the address and the network."
            )
        if any(word in text for word in _ABSENT):
            message = f"{self.shown}: there is no such bucket or folder"
            return Problem(pointer, "storage-missing", message, "Create it, or correct the name.")
        reason = text.splitlines()[0][:300] if text else type(error).__name__
        return Problem(pointer, "output-failed", f"{self.shown}: {reason}", "Check the place, and its rights.")


def _none_of(names: list[str]) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} not set"


def _refuse_secrets(parts: SplitResult) -> None:
    clean = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    message = "a URL holds a key or a password, which everybody sees who lists the processes"
    names = _CREDENTIALS.get(_SAME.get(parts.scheme, parts.scheme), ())
    refuse("storage-url", message, f"Write {clean}, and set {' and '.join(names[:2])} in the environment.")


def _without_secrets(text: str) -> str:
    """The text without the values of variables that hold secrets."""
    for names in _CREDENTIALS.values():
        for name in names:
            value = os.environ.get(name, "")
            if len(value) > 3:
                text = text.replace(value, "…")
    return text


def unknown_scheme(place: str) -> Problem | None:
    """The problem of a place that looks like a URL of files and is none; None for a path."""
    scheme, separator, _ = place.partition("://")
    if not separator or is_url(place):
        return None
    known = [f"{name}://" for name in ("s3", "gs", "abfs", "file")]
    return Problem("", "storage-url", f"there are no files at '{scheme}://'", did_you_mean(f"{scheme}://", known))
