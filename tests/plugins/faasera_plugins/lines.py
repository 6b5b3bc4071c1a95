"""A generation type of another package: the lines of a file, one after another."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
from pydantic import Field
from typing_extensions import override

from faasera.core.types import STRING
from faasera.core.value import ByContent
from faasera.generators.context import Context
from faasera.generators.declared import GENERATORS, GeneratorType
from faasera.generators.facts import Facts
from faasera.generators.generator import Generator
from faasera.generators.promises import Promise, WrittenColumn
from faasera.generators.scope import Scope
from faasera.generators.seed_files import locate
from faasera.policy.model import Rule


class LinesRule(Rule):
    """The lines of a file."""

    list_file: str = Field(min_length=1, description="A file of the seed directory, a value a line.")


@dataclass(frozen=True, eq=False)
class Lines(ByContent, Generator):
    """Line after line, and again from the first.

    Attributes:
        texts: the lines.
        facts: what is known of them.
    """

    texts: pa.Array
    facts: Facts

    @override
    def generate(self, context: Context) -> pa.Array:
        return self.texts.take(pa.array(context.rows % len(self.texts)))

    @override
    def describe(self) -> str:
        return f"{len(self.texts)} lines in turn"


def _compile(rule: LinesRule, scope: Scope) -> Lines | None:
    path = locate(rule.list_file, scope.seed_directory, scope.problems.at("listFile"))
    return Lines(pa.array(path.read_text().splitlines()), Facts(STRING)) if path is not None else None


def _promises(_: LinesRule, column: WrittenColumn) -> Iterator[Promise]:
    yield Promise("lines", f"length({column.sql}) = 0 OR contains({column.sql}, chr(10))")


GENERATORS.add(
    GeneratorType(
        name="LINES",
        summary="The lines of a file, one after another.",
        example={"type": "LINES", "listFile": "moods.txt"},
        rule=LinesRule,
        accepts=("STRING",),
        compile=_compile,
        inputs=("list_file",),
        checked=_promises,
    )
)
