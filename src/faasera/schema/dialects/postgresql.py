"""PostgreSQL: its catalogs, its types, its words."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from sqlglot import exp
from typing_extensions import override

from faasera.core.types import BIGINT, STRING, TIMESTAMP, DataType
from faasera.databases.base import Database
from faasera.databases.structure import ColumnStructure, Structure, TextForm
from faasera.generators.regex.flavours import POSTGRESQL as POSTGRESQL_REGEX
from faasera.generators.regex.flavours import Flavour
from faasera.schema.dialects.base import DIALECTS, Dialect
from faasera.schema.dialects.definitions import comment_on
from faasera.schema.dialects.lexis import Lexis
from faasera.schema.dialects.postgresql_catalog import read_catalog
from faasera.schema.dialects.questions import Rewrite
from faasera.schema.dialects.text_forms import POSTGRESQL as POSTGRESQL_FORMS
from faasera.schema.dialects.types import ReadType

_TYPE_PARTS = re.compile(r"^([^(]*)(\([^)]*\))(.*)$", re.S)
_GIVEN = re.compile(r"\(([^)]*)\)")
_NUMERIC = re.compile(r"(?:numeric|decimal)\((\d+),\s*(-?\d+)\)")
_MARKS = (
    r"\b(big|small)?serial\b|::|\bCREATE TYPE\b|\bCREATE DOMAIN\b|\bjsonb\b|\btimestamptz\b|\bbytea\b|\bcharacter varying\b|\btext\[\]|\bplpgsql\b|"
    r"\bpg_catalog\b|\bsearch_path\b|\bOWNER TO\b|\bALTER TABLE ONLY\b|\bUSING (btree|gin|gist|hash)\b|\bCREATE EXTENSION\b|\bnextval\(|"
    r"\btimestamp(\(\d\))? with(out)? time zone\b|\bgen_random_uuid\(|\btsvector\b|\bdouble precision\b|\bPARTITION OF\b|\bCONCURRENTLY\b|\bcitext\b"
)
_CATALOG_NAMES = {
    "timestamp": "timestamp without time zone", "time": "time without time zone", "varchar": "character varying", "int": "integer",
    "char": "character", "decimal": "numeric", "timestamptz": "timestamp with time zone", "double": "double precision", "float": "double precision",
}  # fmt: skip
_AS_WRITTEN = ("text", "character varying", "name", "json")
_LONGEST_VARCHAR = 1000


def _exact(_: Any, node: exp.Expr) -> exp.Expr:
    """A division of decimals, as PostgreSQL divides no doubles with a remainder."""
    numeric = exp.DataType.build("DECIMAL")
    return type(node)(this=exp.Cast(this=node.this, to=numeric), expression=exp.Cast(this=node.expression, to=numeric))


class PostgreSQL(Dialect):
    """What PostgreSQL says."""

    sqlglot: ClassVar[str] = "postgres"
    label: ClassVar[str] = "PostgreSQL"
    marks: ClassVar[re.Pattern[str] | None] = re.compile(_MARKS, re.I)
    schema: ClassVar[str] = "public"
    lexis: ClassVar[Lexis] = Lexis(folded=True)
    type_names: ClassVar[Mapping[str, str]] = {
        "STRING": "text", "INTEGER": "integer", "BIGINT": "bigint", "DOUBLE": "double precision", "BOOLEAN": "boolean", "DATE": "date",
        "TIMESTAMP": "timestamp", "TIME": "time", "UUID": "uuid", "JSON": "jsonb", "BINARY": "bytea", "DECIMAL": "numeric({p},{s})",
    }  # fmt: skip
    array_types: ClassVar[bool] = True
    trial_settings: ClassVar[tuple[str, ...]] = ("SET TRANSACTION READ ONLY", "SET LOCAL statement_timeout = '2s'")
    creates_schemas: ClassVar[bool] = True
    index_for_references: ClassVar[bool] = True
    settings: ClassVar[tuple[str, ...]] = (
        "SET intervalstyle = 'postgres'",
        "SET datestyle = 'ISO, MDY'",
        "SET bytea_output = 'hex'",
    )
    regex: ClassVar[Flavour] = POSTGRESQL_REGEX
    padded_texts: ClassVar[bool] = True
    like_escape: ClassVar[str] = "\\"
    rewrites: ClassVar[Mapping[type[Any], Rewrite]] = {**Dialect.rewrites, exp.Mod: _exact, exp.Div: _exact}
    calls: ClassVar[Mapping[str, Rewrite]] = {
        **Dialect.calls,
        "isodow": lambda _, node: exp.Extract(this=exp.var("ISODOW"), expression=node.expressions[0]),
    }

    @override
    def read(self, database: Database) -> Structure:
        return read_catalog(database, self, self.name)

    @override
    def read_type(self, kind: Any) -> ReadType:
        text = kind if isinstance(kind, str) else self.written(kind)
        name, given = _TYPE_PARTS.sub(r"\1\3", text).strip(), _GIVEN.search(text)
        bare = name.rpartition(".")[2].strip('"').lower() if name != '"char"' else name
        if bare in ("oid", '"char"'):
            return (
                ReadType(BIGINT, text, unsigned=True, bits=32)
                if bare == "oid"
                else ReadType(STRING, text, 1, fixed=True)
            )
        interval = bare.partition(" ")[0] if bare.startswith("interval ") else bare
        make = POSTGRESQL_FORMS.get(interval)
        if make is not None:
            return ReadType(STRING, text, form=make(text.lower(), given[1].strip() if given else ""))
        return _shifted(text) or super().read_type(kind)

    @override
    def column_type(self, data_type: DataType, length: int | None, *, keyed: bool) -> str:
        if data_type == STRING and length is not None and length <= _LONGEST_VARCHAR:
            return f"varchar({max(length, 1)})"
        return super().column_type(data_type, length, keyed=keyed)

    @override
    def catalog_type(self, kind: str) -> str:
        head, bracket, tail = kind.lower().partition("(")
        return _CATALOG_NAMES.get(head.strip(), head.strip()) + bracket + tail

    @override
    def comment(self, database: Database, name: str, comment: str) -> list[str]:
        return comment_on(database, name, comment)

    @override
    def comparable(self, database: Database, column: ColumnStructure, data_type: DataType) -> str:
        name = database.quote(column.name)
        if data_type.is_text:
            return self._printed(column, name)
        if column.type == "oid":
            return f"CAST({name} AS bigint)"
        if column.type == "money":
            return f"CAST({name} AS numeric)"
        if column.type.endswith("with time zone") and data_type == TIMESTAMP:
            return f"({name} AT TIME ZONE 'UTC')"
        return name

    @override
    def printed(self, column: ColumnStructure, value: str) -> str | None:
        if not column.array and (column.values or column.type.partition("(")[0] in _AS_WRITTEN):
            return None
        if column.array:
            value = f"ARRAY(SELECT jsonb_array_elements_text(CAST({value} AS jsonb)))"
        return self._printed(column, f"CAST({value} AS {column.type})")

    def _printed(self, column: ColumnStructure, value: str) -> str:
        if column.array:
            return f"CAST(array_to_json({value}) AS text)"
        schema, _, base = column.type.partition("(")[0].rpartition(".")
        if base == "inet":
            # A cast would write the whole address as a network.
            return f"abbrev({value})"
        if base in ("geometry", "geography"):
            return f"{f'{schema}.' if schema else ''}ST_AsEWKT({value})"
        return f"CAST({value} AS text)"


def _shifted(text: str) -> ReadType | None:
    """Numbers whose digits all stand far from the point, as texts; None for other types."""
    found = _NUMERIC.fullmatch(text.lower())
    if not found or 0 <= int(found[2]) <= int(found[1]):
        return None
    digits, scale = int(found[1]), int(found[2])
    shown = f"[1-9][0-9]{{{digits - 1}}}" if digits > 1 else "[1-9]"
    pattern = rf"0\.0{{{scale - digits}}}{shown}" if scale > 0 else f"{shown}0{{{-scale}}}"
    return ReadType(STRING, text, form=TextForm(text, pattern))


POSTGRESQL = DIALECTS.add(PostgreSQL("postgres", "PostgreSQL.", "CREATE TABLE a (id bigserial PRIMARY KEY, b jsonb)"))
