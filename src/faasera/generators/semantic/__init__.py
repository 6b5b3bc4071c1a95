"""Semantic types, declared as data; importing them registers them. Plug-ins add to ``SEMANTIC_TYPES``."""

from faasera.generators.semantic import (
    banking,
    contact,
    employment,
    goods,
    health,
    identifiers,
    located,
    machines,
    moments,
    people,
    prose,
    streets,
    telephones,
)
from faasera.generators.semantic.registry import SEMANTIC_TYPES, SemanticType

__all__ = [
    "SEMANTIC_TYPES",
    "SemanticType",
    "banking",
    "contact",
    "employment",
    "goods",
    "health",
    "identifiers",
    "located",
    "machines",
    "moments",
    "people",
    "prose",
    "streets",
    "telephones",
]
