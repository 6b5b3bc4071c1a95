"""Writes the DDL of a schema as large as the largest applications have: in PostgreSQL's words, as pg_dump prints it.

    python benchmarks/large_schema.py 969 > large.sql
    time faasera import large.sql -o large.json

Tables, columns, foreign keys and checks come in the shares of a code forge: 969 tables have 1,668 foreign keys and 1,547 checks.
"""

import sys
from collections.abc import Iterator

_TYPES = (
    "bigint DEFAULT 0 NOT NULL", "text", "timestamp with time zone NOT NULL", "boolean DEFAULT false NOT NULL", "integer", "character varying(255)",
    "timestamp without time zone", "jsonb DEFAULT '{}'::jsonb NOT NULL", "smallint DEFAULT 0 NOT NULL", "date", "text DEFAULT ''::text NOT NULL",
    "numeric(12,4)", "uuid", "double precision", "character varying",
)  # fmt: skip
_NAMES = (
    "status", "title", "created_at", "enabled", "position", "name", "updated_at", "settings", "kind", "due_date", "description", "amount",
    "uuid", "score", "path",
)  # fmt: skip
_FOREIGN_KEYS, _CHECKS = 1668 / 969, 1547 / 969


def _columns(number: int) -> Iterator[tuple[str, str]]:
    """The columns of a table beside its key and its references: 6 to 20."""
    for place in range(6 + number * 7 % 15):
        kind = (number + place) % len(_TYPES)
        yield f"{_NAMES[kind]}{place // len(_TYPES) or ''}", _TYPES[kind]


def _share(number: int, share: float) -> int:
    """How many of something the table of a number has, so that all tables together have the share."""
    return int((number + 1) * share) - int(number * share)


def _table(number: int) -> Iterator[str]:
    name = f"table_{number:04}"
    parents = [(number * 31 + place * 97) % number if number else 0 for place in range(_share(number, _FOREIGN_KEYS))]
    columns = [("id", "bigint NOT NULL")]
    columns += [
        (f"parent{place}_id", "bigint" if place else "bigint NOT NULL")
        for place in range(len(parents) if number else 0)
    ]
    columns += list(_columns(number))
    lengths = [column for column, kind in columns if kind.startswith("text")]
    others = [column for column, kind in columns if kind.startswith(("smallint", "integer"))]
    checks = [f"(char_length({column}) <= {255 + number % 5})" for column in lengths]
    checks += [f"(({column} >= 0) AND ({column} <= {100 + number}))" for column in others]
    checks += [f"({column} IS NOT NULL)" for column, kind in columns if not kind.endswith("NOT NULL")]
    kept = checks[: _share(number, _CHECKS)]
    parts = [f"    {column} {kind}" for column, kind in columns]
    parts += [f"    CONSTRAINT check_{number:04}{place} CHECK ({check})" for place, check in enumerate(kept)]
    yield f"CREATE TABLE public.{name} (\n" + ",\n".join(parts) + "\n);"
    yield f"ALTER TABLE public.{name} OWNER TO app;"
    yield f"CREATE SEQUENCE public.{name}_id_seq\n    START WITH 1\n    INCREMENT BY 1\n    NO MINVALUE\n    NO MAXVALUE\n    CACHE 1;"
    yield f"ALTER SEQUENCE public.{name}_id_seq OWNED BY public.{name}.id;"
    yield f"ALTER TABLE ONLY public.{name} ALTER COLUMN id SET DEFAULT nextval('public.{name}_id_seq'::regclass);"


def _keys(number: int) -> Iterator[str]:
    name = f"table_{number:04}"
    yield f"ALTER TABLE ONLY public.{name}\n    ADD CONSTRAINT {name}_pkey PRIMARY KEY (id);"
    names = [column for column, _ in _columns(number)]
    if number % 3 == 0 and number:
        yield f"CREATE UNIQUE INDEX index_{name} ON public.{name} USING btree (parent0_id, {names[0]});"
    for column in names[:4]:
        yield f"CREATE INDEX index_{name}_on_{column} ON public.{name} USING btree ({column});"


def _references(number: int) -> Iterator[str]:
    name = f"table_{number:04}"
    for place in range(_share(number, _FOREIGN_KEYS) if number else 0):
        parent = (number * 31 + place * 97) % number
        yield (
            f"ALTER TABLE ONLY public.{name}\n    ADD CONSTRAINT fk_{number:04}_{place} FOREIGN KEY (parent{place}_id) "
            f"REFERENCES public.table_{parent:04}(id) ON DELETE CASCADE;"
        )


def statements(tables: int) -> Iterator[str]:
    """The statements: tables first, then keys and indexes, then references."""
    yield "SET client_encoding = 'UTF8';"
    for part in (_table, _keys, _references):
        for number in range(tables):
            yield from part(number)


if __name__ == "__main__":
    print("\n\n".join(statements(int(sys.argv[1]) if len(sys.argv) > 1 else 969)))
