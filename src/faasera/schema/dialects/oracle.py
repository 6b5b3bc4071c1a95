"""Oracle: what its scripts say; there is no reader of its databases."""

import re
from collections.abc import Mapping
from typing import ClassVar

from faasera.core.types import BINARY, DOUBLE, STRING, DataType
from faasera.schema.dialects.base import DIALECTS, Dialect
from faasera.schema.dialects.lexis import Lexis
from faasera.schema.dialects.types import Reading, decimals


class Oracle(Dialect):
    """What Oracle says."""

    sqlglot: ClassVar[str] = "oracle"
    label: ClassVar[str] = "Oracle"
    marks: ClassVar[re.Pattern[str] | None] = re.compile(
        r"\bN?VARCHAR2\b|\bNUMBER\s*\(|\bNUMBER\s+(NOT|NULL|PRIMARY|DEFAULT)\b|\bSYSDATE\b|\bSYSTIMESTAMP\b|\bPCTFREE\b|\bUSING INDEX TABLESPACE\b|\bCASCADE CONSTRAINTS\b|"
        r"\.NEXTVAL\b|^\s*/\s*$",
        re.I | re.M,
    )
    unknown_as_text: ClassVar[bool] = True
    lexis: ClassVar[Lexis] = Lexis(slashes=True)
    types: ClassVar[Mapping[str, Reading]] = {**Dialect.types, **decimals(14, 2)}
    named_types: ClassVar[Mapping[str, DataType]] = {
        **{name: kind for name, kind in Dialect.named_types.items() if name != "number"},
        "raw": BINARY, "long raw": BINARY, "bfile": BINARY, "clob": STRING, "nclob": STRING, "long": STRING, "binary_double": DOUBLE, "binary_float": DOUBLE,
    }  # fmt: skip


ORACLE = DIALECTS.add(Oracle("oracle", "Oracle.", "CREATE TABLE a (id NUMBER(10) PRIMARY KEY, b VARCHAR2(20))"))
