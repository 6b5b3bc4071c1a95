"""What a rule can say about a semantic type."""

from typing import Any

from pydantic import Field

from faasera.policy.model import Rule


class SemanticRule(Rule):
    """A rule that can name a semantic type."""

    semantic_type: str | None = Field(
        None, min_length=1, description="What the column means, such as first-name; faasera catalog lists all."
    )
    arguments: dict[str, Any] | None = Field(
        None, description="Of the semantic type, such as {min, max} of age; they hold for its whole group."
    )
    pool_size: int | None = Field(
        None, ge=1, le=1_000_000, description="faker.<method>: how many different values are drawn (default: 1000)."
    )
    group: str | None = Field(
        None, description="Columns of one group agree in each row (default: what stands before the type in the name)."
    )

    @property
    def lacks_source(self) -> bool:
        """Whether the rule needs a list of values and names none, so that hints may."""
        return False

    @property
    def leaves_open(self) -> bool:
        """Whether the column's name may say what it means, as nothing in the rule does."""
        return False
