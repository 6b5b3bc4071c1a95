"""SQL Server: what its scripts say; there is no reader of its databases."""

import re
from collections.abc import Mapping
from typing import ClassVar

from faasera.core.types import BIGINT, BINARY, BOOLEAN, DOUBLE, STRING, TIMESTAMP, UUID, DataType, Scalar
from faasera.schema.dialects.base import DIALECTS, Dialect
from faasera.schema.dialects.lexis import Lexis
from faasera.schema.dialects.types import Reading, decimals, plain, whole


class SQLServer(Dialect):
    """What SQL Server says."""

    sqlglot: ClassVar[str] = "tsql"
    label: ClassVar[str] = "SQL Server"
    marks: ClassVar[re.Pattern[str] | None] = re.compile(
        r"\[dbo\]|\[\w+\]\s+\[\w+\]|^\s*GO\s*$|\bIDENTITY\s*\(\s*\d+\s*,\s*\d+\s*\)|\bn?varchar\s*\(\s*max\s*\)|\buniqueidentifier\b|\bdatetime2\b|\bdatetimeoffset\b|"
        r"\b(NON)?CLUSTERED\b|\bSET ANSI_NULLS\b|\bsp_\w+|\bGETDATE\(|\bWITH (NO)?CHECK ADD\b",
        re.I | re.M,
    )
    schema: ClassVar[str] = "dbo"
    unknown_as_text: ClassVar[bool] = True
    lexis: ClassVar[Lexis] = Lexis(brackets=True, batches=True, routine_ends=True)
    type_names: ClassVar[Mapping[str, str]] = {**Dialect.type_names, "TIMESTAMP": "datetime2"}
    types: ClassVar[Mapping[str, Reading]] = {
        **Dialect.types,
        **decimals(18, 0),
        "TINYINT": whole(8, unsigned=True),
        "UTINYINT": whole(8, unsigned=True),
        "BIT": plain(BOOLEAN),
        "IMAGE": plain(BINARY),
    }
    named_types: ClassVar[Mapping[str, DataType]] = {
        **Dialect.named_types, "bit": BOOLEAN, "datetimeoffset": TIMESTAMP, "uniqueidentifier": UUID, "ntext": STRING, "image": BINARY, "sysname": STRING,
        "real": DOUBLE, "money": Scalar("DECIMAL", 12, 2), "bigint": BIGINT, "hierarchyid": STRING, "sql_variant": STRING,
    }  # fmt: skip


SQL_SERVER = DIALECTS.add(
    SQLServer("tsql", "SQL Server.", "CREATE TABLE [dbo].[a] ([id] [int] IDENTITY(1,1) PRIMARY KEY)")
)
