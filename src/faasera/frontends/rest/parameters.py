"""Parameters that several calls have."""

from typing import Annotated

from fastapi import Header, Path, Query

Limit = Annotated[int, Query(ge=1, le=500, description="Entries of a page.", examples=[50])]
Cursor = Annotated[
    str | None, Query(max_length=100, description="The 'next' of the page before.", examples=["1048576"])
]
PolicyName = Annotated[str, Path(max_length=100, description="A policy's name.", examples=["customers"])]
TableName = Annotated[str, Path(max_length=200, description="A table's name.", examples=["customers"])]
Version = Annotated[int, Path(ge=1, lt=1 << 31, description="A policy's version.", examples=[1])]
MaybeVersion = Annotated[
    int | None, Query(ge=1, lt=1 << 31, description="A policy's version (default: the latest).", examples=[1])
]
JobId = Annotated[str, Path(max_length=100, description="A job.", examples=["job-0123456789abcdef"])]
FileName = Annotated[str, Path(max_length=400, description="A file's name.", examples=["firstnames.csv"])]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=400, description="The ETag that the latest version must have.", examples=["*"]),
]
IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        max_length=400,
        description="An ETag that is known already; of PUT only *: there must be none of the name.",
        examples=["*"],
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Any text of yours: the same call sent again with it makes no second job.",
        examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ),
]
