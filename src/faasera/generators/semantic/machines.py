"""Addresses and serial numbers of machines and things, in ranges kept for documentation and tests."""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pyarrow as pa
from typing_extensions import override

from faasera.core.records import TokenTable, assemble
from faasera.core.streams import Words
from faasera.core.types import STRING
from faasera.core.value import ByContent
from faasera.generators.facts import Facts
from faasera.generators.generator import Choice, Domain, Generator
from faasera.generators.random_uuid import UuidGenerator
from faasera.generators.semantic.codes import DIGITS, TO_ELEVEN, Check, CodeDomain, luhn, weighted
from faasera.generators.semantic.groups import SemanticColumn
from faasera.generators.semantic.identifiers import choice
from faasera.generators.semantic.known import known_list
from faasera.generators.semantic.registry import declare

_BYTES = [str(number) for number in range(256)]


@dataclass(frozen=True)
class AnyIpAddress(Domain):
    """IPv4 addresses outside of the blocks for private and special use, from 11.0.0.0 on."""

    facts = Facts(STRING, max_length=15)
    size = (126 - 11 + 1) * 1 << 24

    @override
    def at(self, indices: Words) -> pa.Array:
        whole = indices.view(np.int64) + (11 << 24)
        texts = pa.array(_BYTES)
        parts = [texts.take(pa.array(whole >> shift & 255)) for shift in (24, 16, 8, 0)]
        return pa.compute.binary_join_element_wise(*parts, ".")

    @override
    def describe(self) -> str:
        return "public IPv4 addresses"


@dataclass(frozen=True, eq=False)
class Hexadecimal(ByContent, Domain):
    """Groups of hexadecimal digits behind a prefix.

    Attributes:
        prefix: fixed text.
        groups: how many follow.
        width: digits a group.
        joint: between groups.
        source: for the plan.
    """

    prefix: str
    groups: int
    width: int
    joint: str
    source: str

    @property
    @override
    def facts(self) -> Facts:
        length = len(self.prefix) + self.groups * (self.width + len(self.joint)) - len(self.joint)
        return Facts(STRING, max_length=length)

    @property
    @override
    def size(self) -> int:
        """How many can be numbered, up to 2^62."""
        return 1 << int(min(4 * self.width * self.groups, 62))

    @cached_property
    def _tables(self) -> list[TokenTable]:
        texts = [f"{number:0{self.width}x}" for number in range(16**self.width)]
        return [
            TokenTable([(f"{self.prefix if not place else self.joint}{text}").encode() for text in texts])
            for place in range(self.groups)
        ]

    @override
    def at(self, indices: Words) -> pa.Array:
        bits, mask = 4 * self.width, np.uint64(16**self.width - 1)
        rest, parts = indices, []
        for table in reversed(self._tables):
            parts.append((table, (rest & mask).view(np.int64)))
            rest = rest >> np.uint64(bits)
        return assemble(parts[::-1])

    @override
    def describe(self) -> str:
        return self.source


MAC = Hexadecimal("02:", 5, 2, ":", "locally administered")
_ANY_MAC = Hexadecimal("00:1b:", 4, 2, ":", "universally administered")

_VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_VIN_VALUES = {**{digit: int(digit) for digit in DIGITS}, **dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))}  # fmt: skip
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def _vin_term(place: int, character: str) -> int:
    return _VIN_WEIGHTS[place] * _VIN_VALUES[character]


_VIN_CHECK = Check(11, _vin_term, (*DIGITS, "X"))
VIN = CodeDomain("GVVDVVDD①YDV#####", (_VIN_CHECK,), {"V": _VIN_LETTERS + DIGITS, "D": DIGITS, "Y": "LMNPRST"}, "from G, a region that is not assigned")  # fmt: skip
IMEI = CodeDomain("001###########①", (luhn(1),), source="from 001, kept for test devices")
_POSTAL = weighted((8, 6, 4, 2, 3, 5, 9, 7), 11, ("5", "0", *TO_ELEVEN[2:]), start=2)
TRACKING = CodeDomain("a@########①ZZ", (_POSTAL,), {"a": "CERLV"}, "of the postal operator ZZ, which no country has")
_PLATES: dict[str, CodeDomain] = {
    "US": CodeDomain(
        "OOa-####", classes={"a": "ABCDEFGHJKLMNPRSTUVWXYZ"}, source="from OO, letters that are left out of series"
    ),
    "GB": CodeDomain(
        "QQ## ccc", classes={"c": "ABCDEFGHJKLMNOPRSTUVWXYZ"}, source="from QQ, a memory tag that no office has"
    ),
    "DE": CodeDomain("XX-@@ %###", source="of the district XX, which there is not"),
    "FR": CodeDomain("SS-###-cc", classes={"c": "ABCDEFGHJKLMNPQRSTVWXYZ"}, source="from SS, which is not given"),
}
_BROWSERS = (("Chrome", "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36", range(120, 143)), ("Firefox", "Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0", range(115, 146)), ("Edge", "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36 Edg/{version}.0.0.0", range(120, 143)))  # fmt: skip
_SYSTEMS = (
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10_15_7",
    "X11; Linux x86_64",
    "Linux; Android 14; K",
)


@cache
def _user_agents() -> pa.Array:
    found = [
        form.format(system=system, version=version)
        for _, form, versions in _BROWSERS
        for system in _SYSTEMS
        for version in versions
    ]
    phones = [
        f"Mozilla/5.0 (iPhone; CPU iPhone OS {major}_{minor} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{major}.{minor} Mobile/15E148 Safari/604.1"
        for major in (16, 17, 18)
        for minor in range(7)
    ]
    return pa.array(found + phones)


def _user_agent(column: SemanticColumn) -> Choice:  # noqa: ARG001
    return Choice(known_list(_user_agents, source="browsers of recent years"))


def _documentation() -> pa.Array:
    return pa.array([f"{block}.{last}" for block in ("192.0.2", "198.51.100", "203.0.113") for last in range(256)])


def _ip(column: SemanticColumn) -> Choice:
    if column.realistic:
        return Choice(AnyIpAddress())
    return Choice(known_list(_documentation, source="blocks kept for documentation"))


def _guid(column: SemanticColumn) -> Generator:
    return UuidGenerator(column.scope.stream(), STRING)


declare(name="ip-address", kind="", names=("ipaddress", "ip", "ipv4", "ipv4address", "clientip", "remoteip", "ipaddr"), summary="An IPv4 address.", example="203.0.113.57", compile=_ip, safe="192.0.2.0/24, 198.51.100.0/24 and 203.0.113.0/24", source="RFC 5737", realistic=True, pattern=r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}")  # fmt: skip
declare(name="ipv6-address", kind="", names=("ipv6address", "ipv6"), summary="An IPv6 address.", example="2001:0db8:0000:0000:106d:dcc0:619e:c49d", compile=choice(Hexadecimal("2001:0db8:", 6, 4, ":", "2001:db8::/32, kept for documentation")), safe="2001:db8::/32", source="RFC 3849", pattern=r"2001:0db8(:[0-9a-f]{4}){6}")  # fmt: skip
declare(name="mac-address", kind="", names=("macaddress", "mac", "macaddr"), summary="A MAC address.", example="02:9f:4c:11:ab:07", compile=lambda column: Choice(_ANY_MAC if column.realistic else MAC), safe="locally administered, of no manufacturer", source="IEEE 802, clause 8; RFC 9542", realistic=True, pattern=r"02(:[0-9a-f]{2}){5}")  # fmt: skip
declare(name="guid", kind="", names=("guid", "uuid", "uniqueid"), summary="A UUID of version 4.", example="6f2a1c9e-3b7d-4c15-9e60-0f5b8d2a7c41", compile=_guid, source="RFC 9562", pattern="[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")  # fmt: skip
declare(name="user-agent", kind="", names=("useragent", "browseragent", "useragentstring"), summary="The signature of a browser.", example="Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", compile=_user_agent)  # fmt: skip
declare(name="vin", kind="", names=("vin", "vinnumber", "vehicleidentificationnumber", "chassisnumber"), summary="A vehicle identification number, with its check digit.", example="GA19B5421LX012345", compile=choice(VIN), safe="from G, a region that is not assigned", source="ISO 3779 and 3780; 49 CFR 565", pattern=r"G[A-HJ-NPR-Z0-9]{16}")  # fmt: skip
declare(name="license-plate", kind="", localised=True, locales=tuple(_PLATES), names=("licenseplate", "licenceplate", "numberplate", "plate", "platenumber", "registrationnumber", "kennzeichen"), summary="In a form of the row's country.", example="OOK-4821", compile=lambda column: Choice(_PLATES[column.locale.country]), safe="letters that no office gives", source="registration plate forms of the countries")  # fmt: skip
declare(name="tracking-number", kind="", names=("trackingnumber", "trackingno", "trackingid", "shipmentnumber", "parcelnumber"), summary="A postal tracking number, with its check digit.", example="RA473124829ZZ", compile=choice(TRACKING), safe="ZZ, a country that there is not", source="Universal Postal Union, S10", pattern=r"[CERLV][A-Z]\d{9}ZZ")  # fmt: skip
declare(name="imei", kind="", names=("imei", "imeinumber", "deviceimei"), summary="The number of a mobile device, with Luhn's check digit.", example="001234567890128", compile=choice(IMEI), safe="from 001, kept for test devices", source="GSMA TS.06", pattern=r"001\d{12}")  # fmt: skip
