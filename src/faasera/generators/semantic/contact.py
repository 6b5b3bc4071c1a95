"""E-mail addresses and user names from the row's own name; web addresses in reserved domains."""

from dataclasses import dataclass
from functools import cache, cached_property, partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from faasera.core.draws import AliasTable, PermutedDraw
from faasera.core.streams import below
from faasera.core.text import number_text
from faasera.core.types import STRING
from faasera.core.value import ByContent
from faasera.generators.context import Context
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Generator
from faasera.generators.joined import ListJoiner, OncePerList, fold
from faasera.generators.semantic.attribute import dictionary
from faasera.generators.semantic.groups import SemanticColumn
from faasera.generators.semantic.known import known_list
from faasera.generators.semantic.person import PERSON, ShownNames
from faasera.generators.semantic.registry import declare

_DOMAINS = {"example.com": 50, "example.org": 25, "example.net": 25}
_REAL_DOMAINS = {"gmail.com": 45, "yahoo.com": 18, "outlook.com": 17, "hotmail.com": 12, "icloud.com": 8}
_SEPARATORS = (".", "_", "")
_FORMS = (50, 12, 18, 12, 8)
"""How many addresses are of the forms jane.walker, jane_walker, jwalker, jane.walker42, jwalker42."""
_NUMBERS = 100
_LONGEST = 24


def handle(texts: pa.Array, longest: int = _LONGEST) -> pa.Array:
    """Names as they stand in an address: a to z and digits only, at most so many of them, never empty."""
    plain = pc.replace_substring_regex(pc.ascii_lower(fold(texts)), pattern="[^a-z0-9]+", replacement="")
    plain = pc.utf8_slice_codeunits(plain, start=0, stop=longest)
    return pc.if_else(pc.equal(plain, ""), "x", plain)


def _with_initials(texts: pa.Array, longest: int) -> pa.Array:
    """Handles, and behind them their first letters."""
    whole = handle(texts, longest)
    return pa.concat_arrays([whole, pc.utf8_slice_codeunits(whole, start=0, stop=1)])


def _separated(texts: pa.Array, longest: int) -> pa.Array:
    """Handles three times, behind each of the separators."""
    whole = handle(texts, longest)
    return pa.concat_arrays([pc.binary_join_element_wise(one, whole, "") for one in _SEPARATORS])


@dataclass(frozen=True, eq=False)
class Address(ByContent, Generator):
    """A handle made of the row's name, with a domain or without.

    Attributes:
        names: as the row shows them.
        domains: what follows; empty for user names.
        column: its own random words.
        numbers: a permutation that makes the handle unique; None where it may repeat.
        longest: characters of a name in it.
    """

    names: ShownNames
    domains: tuple[tuple[str, float], ...]
    column: str
    numbers: PermutedDraw | None
    longest: int

    @property
    @override
    def facts(self) -> Facts:
        unique = self.numbers is not None
        return Facts(
            STRING,
            unique=unique,
            # The number is the row's, whatever the name before it.
            by_row=unique,
            max_length=2 * self.longest + _beside_names(self.domains, self.numbers),
            uses=self.names.uses,
        )

    @cached_property
    def _lists(self) -> tuple[OncePerList, OncePerList, ListJoiner]:
        initials, separated = (partial(one, longest=self.longest) for one in (_with_initials, _separated))
        return OncePerList(initials), OncePerList(separated), ListJoiner("")

    @cached_property
    def _tables(self) -> tuple[AliasTable, AliasTable | None, pa.Array, pa.Array]:
        names = pa.array([f"@{name}" for name, _ in self.domains], pa.string())
        weights = AliasTable([weight for _, weight in self.domains]) if self.domains else None
        numbers = pa.array(["", *(str(number) for number in range(_NUMBERS))])
        return AliasTable(_FORMS), weights, names, numbers

    @override
    def generate(self, context: Context) -> pa.Array:
        initials, separated, joiner = self._lists
        forms, weights, names, numbers = self._tables
        first, last = self.names.firsts(context), self.names.lasts(context)
        words = self.names.person.words(context, f"handle {self.column}")
        form = forms.indices(words).view(np.int64)
        short = (form == 2) | (form == 4)
        separator = np.where(short, 2, np.where(form == 1, 1, 0))
        leading = np.asarray(first.indices) + np.where(short, len(first.dictionary), 0)
        trailing = np.asarray(last.indices) + separator * len(last.dictionary)
        number = np.where(form >= 3, below(words << np.uint64(20), _NUMBERS).view(np.int64) + 1, 0)
        parts = [
            dictionary(leading, initials.of(first.dictionary)),
            dictionary(trailing, separated.of(last.dictionary)),
        ]
        chosen = None if weights is None else weights.indices(words << np.uint64(32)).view(np.int64)
        if self.numbers is None:
            parts.append(dictionary(number, numbers))
            if chosen is not None:
                parts.append(dictionary(chosen, names))
            return joiner.join(parts)
        digits = number_text(self.numbers.indices(context.rows).view(np.int64))
        texts = [joiner.join(parts), digits]
        if chosen is not None:
            texts.append(names.take(pa.array(chosen)))
        return pc.binary_join_element_wise(*texts, "")

    @override
    def describe(self) -> str:
        where = f" at {', '.join(name for name, _ in self.domains)}" if self.domains else ""
        return f"from the name of the row's person{where}{'; unique by a number' if self.numbers else ''}"


def _address(column: SemanticColumn, domains: dict[str, int]) -> Generator:
    numbers = None
    if column.unique:
        stream = column.group.stream(f"handle number {column.name}", PERSON)
        numbers = PermutedDraw(max(column.scope.row_count, 1), stream)
    rule = column.scope.rules.get(column.name)
    longest = _LONGEST
    if rule is not None and rule.max_length is not None:
        room = (rule.max_length - _beside_names(tuple(domains.items()), numbers)) // 2
        longest = max(min(_LONGEST, room), 1)
    return Address(ShownNames.of(column), tuple(domains.items()), column.name, numbers, longest)


def _beside_names(domains: tuple[tuple[str, float], ...], numbers: PermutedDraw | None) -> int:
    """The characters of an address that are no name's: a separator, a number, the longest domain."""
    digits = len(str(numbers.size)) if numbers else 2
    return 1 + digits + max((len(name) for name, _ in domains), default=-1) + 1


_WORDS = ("north", "blue", "river", "summit", "cedar", "bright", "urban", "silver", "harbor", "maple", "granite", "copper", "meadow", "orbit", "pioneer", "lumen", "atlas", "violet", "amber", "coral", "delta", "echo", "falcon", "grove", "haven", "indigo", "juniper", "keystone", "lantern", "mosaic")  # fmt: skip
_THINGS = ("labs", "works", "market", "media", "studio", "supply", "systems", "travel", "foods", "books", "garden", "cloud", "health", "motors", "tools", "design", "music", "press", "energy", "finance")  # fmt: skip
_PATHS = ("", "about", "blog", "careers", "contact", "docs", "events", "help", "news", "pricing", "products", "search", "shop", "support", "team")  # fmt: skip


def _hosts(realistic: bool) -> list[str]:
    endings = (".com", ".org", ".net", ".io") if realistic else (".example", ".example.com", ".example.org", ".test")
    return [
        f"{word}{joint}{thing}{ending}"
        for word in _WORDS
        for thing in _THINGS
        for joint in ("", "-")
        for ending in endings
    ]


@cache
def _web_domains(realistic: bool) -> pa.Array:
    return pa.array(_hosts(realistic))


@cache
def _pages(realistic: bool) -> pa.Array:
    return pa.array([f"https://{host}/{path}" for host in _hosts(realistic) for path in _PATHS])


def _web_domain(column: SemanticColumn) -> Choice:
    source = "domain names" if column.realistic else "names under reserved domains"
    return Choice(known_list(_web_domains, column.realistic, source=source))


def _url(column: SemanticColumn) -> Choice:
    source = f"{len(_web_domains(column.realistic)):,} hosts, each with {len(_PATHS)} pages"
    return Choice(known_list(_pages, column.realistic, source=source))


_RESERVED = "RFC 2606 and RFC 6761 reserve these domains; no mail arrives there"

declare(
    name="email-address", kind=PERSON, localised=True, names=("email", "emailaddress", "mail", "mailaddress"),
    summary="Of the row's own name, ASCII, at a reserved domain; unique where a key asks for it.", example="olivia.walker@example.com",
    compile=lambda column: _address(column, _REAL_DOMAINS if column.realistic else _DOMAINS), safe="example.com, example.org and example.net",
    source=_RESERVED, realistic=True, pattern=r"[a-z0-9]+[._]?[a-z0-9]*@example\.(com|org|net)",
)  # fmt: skip
declare(
    name="username", kind=PERSON, localised=True, names=("username", "userid", "login", "loginname", "screenname", "nickname", "handle"),
    summary="Of the row's own name; unique where a key asks for it.", example="owalker42", compile=lambda column: _address(column, {}),
    pattern=r"[a-z0-9]+[._]?[a-z0-9]*",
)  # fmt: skip
declare(
    name="web-domain", kind="", names=("webdomain", "domain", "domainname", "hostname", "host"), summary="A host under a reserved domain.",
    example="cedarworks.example", compile=_web_domain, safe="under .example, .test, example.com and example.org", source=_RESERVED, realistic=True,
    pattern=r"[a-z-]+\.(example|test|example\.com|example\.org)",
)  # fmt: skip
declare(
    name="url", kind="", names=("url", "website", "homepage", "link", "weburl", "siteurl", "webpage"), summary="A page of a host under a reserved domain.",
    example="https://cedarworks.example/about", compile=_url, safe="under .example, .test, example.com and example.org", source=_RESERVED,
    realistic=True, pattern=r"https://[a-z-]+\.(example|test|example\.com|example\.org)/[a-z]*",
)  # fmt: skip
