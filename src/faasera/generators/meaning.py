"""What a column means: a semantic type, within a group of columns that agree in each row."""

from dataclasses import dataclass

from faasera.core.streams import Stream
from faasera.vocabulary.reference import LocaleData, locale_data


@dataclass(frozen=True)
class TypeInGroup:
    """A semantic type, and the group that a column of it belongs to.

    Attributes:
        semantic: the name of the type.
        group: what stands before the type's name, where that tells one address or person from another.
    """

    semantic: str
    group: str


@dataclass(frozen=True)
class Group:
    """Columns of a table that agree in each row, in one locale: all that their rows need to know of the policy.

    Attributes:
        seed: the policy's.
        table: the table's name.
        name: within the table; empty for the table's own.
        locale: whose names and forms it has.
    """

    seed: int
    table: str
    name: str
    locale: str

    @property
    def data(self) -> LocaleData:
        """What the package knows of the locale."""
        return locale_data(self.locale)

    def stream(self, purpose: str, kind: str) -> Stream:
        """A stream that all columns of the group share, whichever of them there are."""
        return Stream(self.seed, self.table, f"{kind}/{self.name}", f"group/{purpose}")

    def key(self, kind: str) -> str:
        """Names the group where rows keep what its columns share."""
        return f"{kind}/{self.name}/{self.locale}"
