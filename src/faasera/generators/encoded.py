"""``FPE_ENCODED``: named in every policy reference, and refused until format-preserving encoding is there."""

from typing import ClassVar

from faasera.generators.base import GENERATORS, GeneratorType, Scope
from faasera.policy.model import Rule


class EncodedRule(Rule):
    """Format-preserving encoding; not available in this version."""

    later: ClassVar[dict[str, str]] = {
        **Rule.later,
        **dict.fromkeys(("source", "alphabet", "pattern", "fpeKeyId", "tweak"), "format-preserving encoding"),
    }


def _compile(rule: EncodedRule, scope: Scope) -> None:  # noqa: ARG001
    scope.problems.add(
        "not-available-yet",
        "format-preserving encoding (NIST SP 800-38G FF1) is not available in this version",
        "Use RANDOM with a 'pattern' and 'unique' for values of a fixed format.",
        at=["type"],
    )


GENERATORS.add(
    GeneratorType(
        name="FPE_ENCODED",
        summary="Format-preserving encoding. Not available in this version; it is refused with that reason.",
        example={"type": "FPE_ENCODED"},
        rule=EncodedRule,
        accepts=(),
        compile=_compile,
    )
)
