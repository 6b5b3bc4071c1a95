"""Compression of text formats, piece by piece: members of gzip and frames of Zstandard may follow one another."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pyarrow as pa

Compression = Literal["none", "gzip", "zstd"]
EXTENSIONS = {"none": "", "gzip": ".gz", "zstd": ".zst"}


def opened(path: Path, compression: Compression) -> pa.NativeFile:
    """A file's text as it was before it was compressed."""
    return pa.input_stream(str(path), compression=None if compression == "none" else compression)


def compressor(name: Compression) -> Callable[[pa.Buffer], bytes | pa.Buffer]:
    """A function that compresses a piece, the same bytes every time."""
    if name == "gzip":
        return lambda data: gzip.compress(data, compresslevel=6, mtime=0)
    if name == "zstd":
        return lambda data: pa.Codec("zstd").compress(data, asbytes=True)
    return lambda data: data
