"""Media types of the formats that runs write."""

_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "arrow": "application/vnd.apache.arrow.stream",
}


def media_type(format: str) -> str:
    """The media type of a format's files, registered with IANA where there is one."""
    return _TYPES.get(format, "application/octet-stream")
