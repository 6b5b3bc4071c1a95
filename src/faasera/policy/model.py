"""The policy document as strict models. Rules are declared beside their generators, on top of ``Rule``."""

import datetime
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from typing_extensions import override

from faasera.core import types
from faasera.core.value import shape_of
from faasera.policy.counts import parse_count

Scalar = bool | int | float | str
"""A value as JSON has it."""

DEFAULT_ROWS = 1000
MOST_CHILDREN = 10_000_000

TableName = Annotated[str, StringConstraints(pattern=r"^[^\s./\\\x00-\x1f-][^/\\\x00-\x1f]{0,199}$")]
ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
RowCount = Annotated[
    int,
    BeforeValidator(parse_count),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "examples": ["10k", "2.5M"]}]}),
]


def _data_type(value: str) -> str:
    """Whether a decimal has as many digits as there can be; raises ValueError."""
    types.DataType.parse(value)
    return value


DataTypeName = Annotated[
    str,
    StringConstraints(pattern=types.PATTERN),
    AfterValidator(_data_type),
    WithJsonSchema({"type": "string", "pattern": types.PATTERN, "examples": [*types.EXAMPLES[:4]]}),
]


class Model(BaseModel):
    """Base of all parts of a policy: camelCase keys, unknown keys refused, values as they are written."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=to_camel,
        populate_by_name=True,
        protected_namespaces=(),
        defer_build=True,
    )
    later: ClassVar[dict[str, str]] = {}
    """Keys of the policy reference that this version does not offer yet, each with what it is for."""

    @override
    def __hash__(self) -> int:
        # Lists and mappings among the fields have no hash of their own.
        return hash((type(self).__qualname__, *map(shape_of, self.__dict__.values())))


DistributionName = Literal[
    "UNIFORM", "NORMAL", "LOGNORMAL", "EXPONENTIAL", "ZIPF", "TRIANGULAR", "WEIGHTED", "HISTOGRAM"
]
DISTRIBUTIONS = get_args(DistributionName)


class Distribution(Model):
    """How likely each value of a range is. Which parameters apply depends on the type."""

    type: DistributionName = Field(description="The shape.")
    mean: Scalar | None = Field(
        None,
        description="NORMAL: the centre (default: the middle of the range). LOGNORMAL: the mean of the logarithm. "
        "EXPONENTIAL: the mean distance from the start of the range (default: a fifth of it).",
    )
    stddev: Scalar | None = Field(
        None,
        description="NORMAL: the standard deviation, a number or, for dates, a duration such as P90D (default: a "
        "sixth of the range). LOGNORMAL: of the logarithm.",
    )
    exponent: float | int | None = Field(None, gt=0, description="ZIPF: how steep; 1 is the classic (the default).")
    mode: Scalar | None = Field(None, description="TRIANGULAR: the peak (default: the middle of the range).")
    weights: list[float | int] | None = Field(
        None, min_length=1, description="WEIGHTED: one for each value. HISTOGRAM: one for each bin."
    )
    edges: list[Scalar] | None = Field(
        None, min_length=2, description="HISTOGRAM: the bins' ends, one more than weights."
    )
    column: ColumnName | None = Field(
        None, description="WEIGHTED, over parents: the parent's column that holds its weight."
    )


def _spell_out(value: Any) -> Any:
    """``"ZIPF"`` is short for ``{"type": "ZIPF"}``."""
    return {"type": value} if isinstance(value, str) else value


class _OrName:
    """Lets editors offer the short form, too."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(schema), {"enum": list(DISTRIBUTIONS)}]}


def _one_locale(value: Any) -> Any:
    """``"de_DE"`` is short for ``{"de_DE": 1}``."""
    return {value: 1} if isinstance(value, str) else value


class _OrLocale:
    """Lets editors offer the short form, too."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string", "examples": ["de_DE"]}, handler(schema)]}


Locales = Annotated[
    dict[str, Annotated[float | int, Field(gt=0)]], Field(min_length=1), BeforeValidator(_one_locale), _OrLocale()
]
"""Locales of rows with their weights; a name alone is one locale."""

DistributionOrName = Annotated[Distribution, BeforeValidator(_spell_out), _OrName()]


class Case(Model):
    """Another rule for the rows that have certain values in other columns."""

    where: dict[ColumnName, Scalar | list[Scalar]] = Field(
        min_length=1, description="Columns of the table, each with a value or a list of values; all must hold."
    )
    rule: dict[str, Any] = Field(description="The rule for these rows; of the same data type.")


class Rule(Model):
    """What every rule understands, whatever its type."""

    type: str = Field(description="The generation type.")
    data_type: DataTypeName | None = Field(
        None, description="The column's data type; what happens without it is up to the rule."
    )
    null_fraction: float | int = Field(0, ge=0, le=1, description="The share of rows without a value, 0 to 1.")
    unique: bool = Field(
        False, description="No value occurs twice. Holds by construction; a domain too small is refused."
    )
    max_length: int | None = Field(None, ge=1, description="The longest text, in characters.")
    locale: Locales | None = Field(
        None, description="Language and country of names and forms, such as de_DE; several with weights."
    )
    allow_realistic: bool = Field(
        False, description="Values beyond the safe range of a semantic type; the manifest records it."
    )
    description: str | None = Field(None, description="What the column means; for readers.")
    use_ai_hinting: bool | None = Field(
        None, alias="useAIHinting", description="Whether values are suggested, once, by 'faasera hints'."
    )
    when: list[Case] | None = Field(
        None, min_length=1, description="Other rules by the values of other columns; the first case that holds counts."
    )
    hidden: bool = Field(False, description="Only a step on the way: other columns may use it, and it is not written.")
    database_type: str | None = Field(
        None, min_length=1, description="The column's type in databases where its table is created."
    )
    guess: str | None = Field(None, description="Why an import chose this rule; remove it once it is reviewed.")

    @property
    def looked_up(self) -> str | None:
        """The path to a parent's column whose value the rule passes on as it is, if it does."""
        return None


class Reference(Model):
    """The key that a foreign key points to."""

    table: TableName | None = Field(None, description="The parent table.")
    file: str | None = Field(
        None, min_length=1, description="A file of the seed directory that holds existing keys: .parquet, .csv, .jsonl."
    )
    connection: str | None = Field(
        None,
        min_length=1,
        description="The database in which the table is, by the name of a connection: existing keys.",
    )
    columns: list[ColumnName] = Field(min_length=1, description="A primary, composite or unique key of the parent.")
    when: dict[ColumnName, Scalar | list[Scalar]] | None = Field(
        None,
        min_length=1,
        description="It applies where these columns have these values, each one or a list; one of several needs it.",
    )

    @property
    def cases(self) -> dict[str, list[Scalar]]:
        """The values of ``when``, as lists."""
        return {name: given if isinstance(given, list) else [given] for name, given in (self.when or {}).items()}

    @property
    def own_table(self) -> str | None:
        """The table of the policy that is referred to; None for rows that exist already."""
        return self.table if self.connection is None else None

    @property
    def parent(self) -> str:
        """What the parent is called: the table, the file, or the connection and its table."""
        if self.connection is not None:
            return f"{self.connection}/{self.table}"
        return str(self.table or self.file)

    @property
    def word(self) -> str:
        """What a path calls the parent."""
        if self.connection is not None:
            return str(self.table).rpartition(".")[2]
        return str(self.table) if self.table else str(self.file).rpartition("/")[2].partition(".")[0]


def _listed(value: Any) -> Any:
    """One reference is short for a list of one."""
    return [value] if isinstance(value, dict) else value


class _OrOne:
    """Lets editors offer a single entry, too."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        listed = handler(schema)
        return {"anyOf": [listed["items"], listed]}


class Cardinality(Model):
    """How many children each parent has."""

    min: int = Field(0, ge=0, le=MOST_CHILDREN, description="The fewest.")
    max: int = Field(ge=0, le=MOST_CHILDREN, description="The most.")
    distribution: DistributionOrName | None = Field(None, description="How likely each number is (default: uniform).")


def _exactly(value: Any) -> Any:
    """``3`` is short for ``{"min": 3, "max": 3}``."""
    return {"min": value, "max": value} if isinstance(value, int) and not isinstance(value, bool) else value


class _OrNumber:
    """Lets editors offer the short form, too."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(schema), {"type": "integer", "minimum": 1}]}


class Forest(Model):
    """The shape of a table that refers to itself: roots, their children, and so on, never a cycle."""

    roots: int | None = Field(None, ge=0, description="How many rows have no parent (default: 1).")
    max_depth: int | None = Field(None, ge=0, le=1000, description="The most steps from a row up to its root.")
    branching: Annotated[Cardinality | None, BeforeValidator(_exactly), _OrNumber()] = Field(
        None,
        description="How many children a row has, as long as there are rows: a number, or {min, max, distribution}.",
    )


def _forest(value: Any) -> Any:
    """``true`` is a forest of any shape, ``false`` none."""
    return ({} if value else None) if isinstance(value, bool) else value


class _OrBoolean:
    """Lets editors offer the short form, too."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(schema)["anyOf"][0], {"type": "boolean"}]}


class ForeignKey(Model):
    """Columns that hold the key of a row of another table, or of the same."""

    columns: list[ColumnName] = Field(min_length=1, description="Columns of this table.")
    references: Annotated[list[Reference], BeforeValidator(_listed), _OrOne()] = Field(
        min_length=1, description="What they refer to; a list with 'when' is a polymorphic reference."
    )
    distribution: DistributionOrName | None = Field(None, description="Which parents are chosen (default: uniformly).")
    children_per_parent: Cardinality | None = Field(
        None, description="Exactly how many rows each parent has here; it decides the table's row count."
    )
    null_fraction: float | int = Field(0, ge=0, le=1, description="The share of rows without a parent.")
    unique: bool = Field(False, description="Each parent at most once (one to one).")
    acyclic: Annotated[Forest | None, BeforeValidator(_forest), _OrBoolean()] = Field(
        Forest(), description="For a table that refers to itself: a forest (the default), of a given shape; or false."
    )
    guess: str | None = Field(None, description="Why an import chose it; remove it once it is reviewed.")

    @property
    def unique_columns(self) -> tuple[str, ...]:
        """The columns that are unique together where each parent is there at most once."""
        several = self.references if len(self.references) > 1 else []
        choosing = [column for reference in several for column in reference.when or {}]
        return tuple(dict.fromkeys([*choosing, *self.columns]))

    @property
    def never_null(self) -> bool:
        """Whether the policy says in so many words that every row has a parent."""
        return "null_fraction" in self.model_fields_set and self.null_fraction == 0


class Correlation(Model):
    """How columns move together: a value for a pair, or a matrix for several."""

    columns: list[ColumnName] = Field(min_length=2, description="Columns of numbers, dates or times.")
    value: float | int | None = Field(None, ge=-1, le=1, description="Of a pair: -1 to 1.")
    matrix: list[list[float | int]] | None = Field(None, description="Of all of them: symmetric, with ones across.")


class Check(Model):
    """A condition that every row meets, as a CHECK constraint of a database; null counts as met."""

    name: str | None = Field(None, min_length=1, description="For messages, and in databases.")
    expression: str | None = Field(
        None, min_length=1, description="Over columns of the row; rows that would break it are drawn again."
    )
    sql: str | None = Field(None, min_length=1, description="A constraint of a database that no expression can say.")
    assumed: bool = Field(False, description="With 'sql': the rules meet it by themselves; the database will judge.")


class TablePolicy(Model):
    """One table: its rules and its keys."""

    table_name: TableName = Field(description="The table's name; files are named after it. schema.table is allowed.")
    generation_type: Literal["SYNTHETIC"] = Field("SYNTHETIC", description="The only way to make data: from nothing.")
    row_count: RowCount | None = Field(
        None,
        description="How many rows (default: 1000); also '10k', '2.5M', '1_000_000'. Not beside childrenPerParent.",
    )
    column_rule_map: dict[ColumnName, dict[str, Any]] = Field(
        description="The columns, in the order of the output, each with its rule."
    )
    primary_key_column: ColumnName | None = Field(
        None, description="Unique and never null. Without a rule of its own it is the first column: 1, 2, 3, …"
    )
    composite_key_column: str | None = Field(
        None, description="Columns joined by +, such as store_id+receipt_no: the tuple is unique and never null."
    )
    unique_keys: list[list[ColumnName]] = Field([], description="Further unique tuples of columns.")
    foreign_keys: list[ForeignKey] = Field([], description="References to other tables of the policy.")
    checks: list[Check] = Field([], description="Conditions that every row meets.")
    correlations: list[Correlation] = Field(
        [], description="Columns that move together, by a Gaussian copula; each keeps its own distribution."
    )
    locale: Locales | None = Field(
        None, description="Language and country of names and forms, such as de_DE; several with weights."
    )
    use_ai_hinting: bool | None = Field(
        None, alias="useAIHinting", description="Whether values are suggested for columns that say nothing of theirs."
    )
    description: str | None = Field(None, description="What the table holds; for readers.")
    guess: str | None = Field(
        None, min_length=1, description="Why an import gave it no rows; taken out by whoever has put that right."
    )


class KeySource(Model):
    """Where an encryption key is: hexadecimal digits in the environment, or in a file."""

    env: str | None = Field(None, min_length=1, description="The name of an environment variable.")
    file: str | None = Field(None, min_length=1, description="A file, relative to the policy.")


class DenyListSource(Model):
    """A list of values that no row may have."""

    file: str = Field(min_length=1, description="A .txt file of the seed directory, a value or a keyed hash a line.")
    key_id: str | None = Field(
        None, min_length=1, description="One of 'fpeKeys': the lines are AES-CMACs under it (faasera seeds hash)."
    )


class Document(Model):
    """A whole policy: what holds for all tables, and the tables."""

    name: str | None = Field(None, min_length=1, description="Shown in manifests (default: the file's name).")
    seed: int = Field(0, ge=0, lt=1 << 64, description="The same seed makes the same data, 0 to 2^64-1.")
    locale: Locales = Field({"en_US": 1}, description="Language and country of names and forms; several with weights.")
    as_of: datetime.date = Field(
        datetime.date(2026, 1, 1), strict=False, description="'Today' for ages and relative dates; never the clock."
    )
    use_ai_hinting: bool = Field(
        False, alias="useAIHinting", description="Whether values are suggested for columns that say nothing of theirs."
    )
    hints: list[dict[str, Any]] = Field(
        [], description="Where suggested values came from; written by the engine, and read in manifests."
    )
    seed_directory: str | None = Field(
        None, description="Where seed files are, relative to the policy (default: the policy's folder)."
    )
    tables: list[TablePolicy] = Field(min_length=1, description="The tables, in any order.")
    fpe_keys: dict[str, KeySource] = Field(
        {}, description="Keys of FPE_ENCODED by their ids, each with where it is: {env} or {file}; never a key itself."
    )
    deny_list: DenyListSource | None = Field(
        None, description="Values that no row may have; one that comes up stops the run, and nothing is written."
    )
    imported_from: str | None = Field(
        None, min_length=1, description="The schema that an import made it of: a URL or a file; told in lineage."
    )
    description: str | None = Field(None, description="What the policy is for; for readers.")
