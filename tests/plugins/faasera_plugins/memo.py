"""A database of another package: memo:///file, which keeps its rows as SQLite does and speaks a dialect of its own."""

import re
from collections.abc import Mapping
from typing import ClassVar

from typing_extensions import override

from faasera.core.types import JSON, DataType
from faasera.databases.base import DATABASES, Database, DatabaseType
from faasera.databases.sqlite import SQLite
from faasera.schema.dialects import DIALECTS
from faasera.schema.dialects.sqlite import SQLite as SQLiteDialect


class MemoDialect(SQLiteDialect):
    """SQLite's words, with a type for documents and remarks of its own."""

    label: ClassVar[str] = "Memo"
    marks: ClassVar[re.Pattern[str] | None] = re.compile(r"\bREMARK\b")
    type_names: ClassVar[Mapping[str, str]] = {**SQLiteDialect.type_names, "JSON": "TEXT_DOCUMENT"}

    named_types: ClassVar[Mapping[str, DataType]] = {**SQLiteDialect.named_types, "text_document": JSON}

    @override
    def enclosing(self, database: Database, comment: str) -> tuple[str, str]:
        return f"( -- REMARK {comment}", ")"


class Memo(SQLite):
    """A file of memos."""

    label: ClassVar[str] = "Memo"
    dialect: ClassVar[str] = "memo"


DIALECTS.add(MemoDialect("memo", "Memo.", "CREATE TABLE a (b TEXT_DOCUMENT)"))
DATABASES.add(
    DatabaseType(
        name="memo",
        summary="A file of memos.",
        example="memo:///shop.memo",
        label="Memo",
        schemes=("memo",),
        suffixes=(".memo",),
        namespace="memo",
        schema="desk",
        database=Memo,
    )
)
