"""``faker.<method>``: any provider of Faker, from a pool that is drawn once for each column."""

import datetime
import decimal
from collections.abc import Callable
from typing import Any

from faasera.core.errors import did_you_mean
from faasera.core.extras import missing
from faasera.core.types import BIGINT, BOOLEAN, DATE, DOUBLE, STRING, TIMESTAMP, DataType
from faasera.generators.generator import Choice
from faasera.generators.lists import ListDomain, typed_values
from faasera.generators.scope import Scope
from faasera.generators.semantic.rule import SemanticRule

PREFIX = "faker."
DEFAULT_POOL = 1000
_TRIES = 20
_PLAIN = {bool: BOOLEAN, int: BIGINT, float: DOUBLE, datetime.date: DATE, datetime.datetime: TIMESTAMP}


def compile_faker(name: str, rule: SemanticRule, scope: Scope) -> Choice | None:
    """A pool of a provider's values; None after problems were reported.

    The pool depends on the seed, the column, the locale and the version of Faker, which the plan names.
    """
    lacking = missing("faker", extra="faker", purpose=f"'{name}'")
    if lacking is not None:
        scope.problems.add("missing-package", *lacking, at=["semanticType"])
        return None
    import faker

    make = _provider(faker, name, rule, scope)
    values = _values(make, name, rule, scope) if make is not None else None
    if values is None:
        return None
    data_type = DataType.parse(rule.data_type) if rule.data_type else _type_of(values)
    try:
        array = typed_values([_literal(value, data_type) for value in values], data_type)
    except ValueError as error:
        message = f"'{name}' makes no {data_type}: {str(error).partition(': ')[2]}"
        scope.problems.add("data-type", message, "Leave out 'dataType'.", at=["dataType"])
        return None
    scope.means(name, inferred=False, realistic=rule.allow_realistic)
    phrase = f"a pool of {name} (Faker {faker.VERSION}, {scope.locales[0][0]})"
    return Choice(ListDomain(array, data_type, phrase))


def _provider(faker: Any, name: str, rule: SemanticRule, scope: Scope) -> Callable[..., Any] | None:
    """A method of Faker in the rule's locale, seeded; None after a problem was reported."""
    problems, method = scope.problems, name.removeprefix(PREFIX)
    if len(scope.locales) > 1:
        message = "a pool of Faker has one locale"
        problems.add("exclusive-keys", message, "Give the column a 'locale' of its own.", at=["locale"])
        return None
    if rule.allow_realistic is False and method in _REAL:
        message = f"'{name}' makes values that can be real persons'"
        remedy = f"Use the semantic type '{_REAL[method]}', or say \"allowRealistic\": true."
        problems.add("not-safe", message, remedy, at=["semanticType"])
        return None
    try:
        fake: Any = faker.Faker(scope.locales[0][0])
    except AttributeError:
        message = f"Faker has no locale {scope.locales[0][0]}"
        problems.add("not-in-locale", message, "Give the column a 'locale' that it has.", at=["locale"])
        return None
    known = [one for one in dir(fake) if not one.startswith(("_", "seed", "add_", "get_", "set_", "del_"))]
    make: Callable[..., Any] | None = getattr(fake, method, None) if method in known else None
    if not callable(make):
        remedy = did_you_mean(method, known)
        problems.add("unknown-semantic-type", f"Faker has no provider '{method}'", remedy, at=["semanticType"])
        return None
    fake.seed_instance(scope.stream("faker pool").key)
    return make


def _values(make: Callable[..., Any], name: str, rule: SemanticRule, scope: Scope) -> list[Any] | None:
    """The different values of a pool; None after a problem was reported."""
    try:
        values = _pool(make, rule.arguments or {}, rule.pool_size or DEFAULT_POOL)
    except Exception as error:  # whatever a provider raises is about its arguments
        message = f"'{name}' does not take these arguments: {str(error).splitlines()[0][:200]}"
        scope.problems.add("bad-value", message, "Correct 'arguments'.", at=["arguments"])
        return None
    if scope.unique and len(values) < scope.row_count:
        message = f"{scope.row_count:,} unique rows, and the pool of '{name}' has {len(values):,} different values"
        remedy = "Raise 'poolSize', or ask for fewer rows."
        scope.problems.add("domain-too-small", message, remedy, at=["poolSize"])
        return None
    return values


_REAL = {
    "email": "email-address", "free_email": "email-address", "company_email": "email-address", "ascii_email": "email-address",
    "ascii_free_email": "email-address", "phone_number": "phone-number", "msisdn": "phone-number", "ssn": "ssn", "ein": "tax-id", "itin": "tax-id",
    "credit_card_number": "creditcard-number", "credit_card_full": "creditcard-number", "iban": "iban-code", "bban": "iban-code",
    "ipv4": "ip-address", "ipv4_public": "ip-address", "ipv6": "ipv6-address", "url": "url", "domain_name": "web-domain", "hostname": "web-domain",
    "mac_address": "mac-address", "profile": "firstname-lastname", "simple_profile": "firstname-lastname", "swift": "swift-bic", "swift8": "swift-bic",
    "swift11": "swift-bic", "license_plate": "license-plate", "vin": "vin", "passport_number": "passport-number", "aba": "bank-routing-number",
}  # fmt: skip
"""Providers whose values may belong to somebody, and the types that stand in for them."""


def _pool(make: Callable[..., Any], arguments: dict[str, Any], size: int) -> list[Any]:
    """Different values, as many as come up in a bounded number of tries."""
    found: dict[str, Any] = {}
    for _ in range(size * _TRIES):
        value = make(**arguments)
        found.setdefault(repr(value), value)
        if len(found) == size:
            break
    return list(found.values())


def _type_of(values: list[Any]) -> DataType:
    kinds = {type(value) for value in values}
    if len(kinds) == 1:
        (kind,) = kinds
        if kind in _PLAIN:
            return _PLAIN[kind]
    return STRING


def _literal(value: Any, data_type: DataType) -> Any:
    """A value as a literal of the policy."""
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, bool | int | float | str):
        return value if not data_type.is_text else str(value)
    return str(value)
