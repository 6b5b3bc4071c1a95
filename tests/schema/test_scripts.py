"""Scripts of DDL say what running them would: each kind of statement, the noise of dumps, and what cannot be read."""

import pytest

from faasera.core.errors import PolicyError
from faasera.schema.ddl import guess_dialect, read_ddl

BASE = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE a (id bigserial PRIMARY KEY, name varchar(20) NOT NULL, n int CHECK (n > 0), m mood, UNIQUE (name));
CREATE TABLE b (id int PRIMARY KEY, a_id bigint NOT NULL REFERENCES a, code text, CONSTRAINT coded UNIQUE (a_id, code));
"""


def read(text, dialect="postgres"):
    return read_ddl(text, "x.sql", dialect)


def shown(table):
    """A table in a few words: its columns (``!`` for no null), keys, references and conditions."""
    columns = " ".join(one.name + ("" if one.nullable else "!") for one in table.columns)
    keys = ["+".join(table.primary_key)] + [
        "+".join(key.columns) + (f" if {key.where}" if key.where else "") for key in table.unique_keys
    ]
    references = [f"{'+'.join(key.columns)}>{key.table}.{'+'.join(key.references)}" for key in table.foreign_keys]
    return "; ".join([columns, *[key for key in keys if key], *references, *[check.sql for check in table.checks]])


CHANGES = [
    ("DROP TABLE b;", {"a": "id! name! n m; id; name; n > 0"}),
    ("DROP TABLE IF EXISTS b, c CASCADE;", {"a": "id! name! n m; id; name; n > 0"}),
    ("DROP TABLE a CASCADE;", {"b": "id! a_id! code; id; a_id+code"}),
    ("ALTER TABLE a RENAME TO c;", {"c": "id! name! n m; id; name; n > 0", "b": "id! a_id! code; id; a_id+code; a_id>c.id"}),
    ("ALTER TABLE a RENAME COLUMN n TO number;", {"a": 'id! name! number m; id; name; "number" > 0'}),
    ("ALTER TABLE a RENAME id TO key;", {"a": "key! name! n m; key; name; n > 0", "b": "id! a_id! code; id; a_id+code; a_id>a.key"}),
    ("ALTER TABLE a DROP COLUMN n;", {"a": "id! name! m; id; name"}),
    ("ALTER TABLE a DROP name, ADD COLUMN IF NOT EXISTS at timestamptz DEFAULT now() NOT NULL;", {"a": "id! n m at!; id; n > 0"}),
    ("ALTER TABLE a DROP CONSTRAINT a_n_check, DROP CONSTRAINT a_name_key;", {"a": "id! name! n m; id"}),
    ("ALTER TABLE b DROP CONSTRAINT coded; ALTER TABLE b DROP CONSTRAINT b_a_id_fkey;", {"b": "id! a_id! code; id"}),
    ("ALTER TABLE b RENAME CONSTRAINT coded TO c; ALTER TABLE b DROP CONSTRAINT c;", {"b": "id! a_id! code; id; a_id>a.id"}),
    ("ALTER TABLE ONLY a ADD CHECK (n < 9), ADD UNIQUE (n), ADD CONSTRAINT u CHECK (name <> '') NOT VALID;", {"a": "id! name! n m; id; name; n; n > 0; n < 9; name <> ''"}),
    ("ALTER TABLE b ADD FOREIGN KEY (id) REFERENCES a (id) ON DELETE SET NULL NOT VALID;", {"b": "id! a_id! code; id; a_id+code; a_id>a.id; id>a.id"}),
    ("ALTER TABLE a ALTER n SET NOT NULL, ALTER COLUMN name DROP NOT NULL, ALTER COLUMN n TYPE text USING n::text;", {"a": "id! name n! m; id; name; n > 0"}),
    ("CREATE UNIQUE INDEX i ON b (code) WHERE (code IS NOT NULL); ALTER TABLE b ADD CONSTRAINT k UNIQUE USING INDEX i;", {"b": "id! a_id! code; id; a_id+code; code; a_id>a.id"}),
    ("CREATE UNIQUE INDEX i ON a USING btree (n DESC) INCLUDE (m) NULLS NOT DISTINCT WHERE n > 1; DROP INDEX public.i;", {"a": "id! name! n m; id; name; n > 0"}),
    ("CREATE TABLE c () INHERITS (a); ALTER TABLE a ADD COLUMN late date;", {"c": "id! name! n m late; n > 0"}),
    ("CREATE TABLE c (LIKE a INCLUDING ALL, extra int);", {"c": "id! name! n m extra; id; name; n > 0"}),
    ("CREATE TABLE c AS SELECT id, name AS label, n::text AS t FROM a WHERE n > 3 WITH NO DATA;", {"c": "id label t"}),
    ("CREATE SCHEMA s CREATE TABLE t (id int PRIMARY KEY) CREATE VIEW v AS SELECT 1;", {"s.t": "id!; id"}),
    ("SET search_path TO s, public; CREATE TABLE t (id int); SET search_path = ''; CREATE TABLE public.u (id int);", {"s.t": "id", "u": "id"}),
    ("CREATE TEMPORARY TABLE t (id int); ALTER TABLE t ADD COLUMN x int; DROP TABLE t;", {}),
    ("ALTER TABLE a SET SCHEMA s; CREATE TABLE c (x int REFERENCES s.a);", {"c": "x; x>s.a.id"}),
    ("DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_type) THEN CREATE TABLE c (x int); END IF; EXCEPTION WHEN duplicate_object THEN null; END $$;", {"c": "x"}),
    ("CREATE TABLE c (x int, CONSTRAINT n NOT NULL x);", {"c": "x!"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CHANGES, ids=[text[:60] for text, _ in CHANGES])
def test_statements_change_what_is_there(text, expected):
    found = read(BASE + text)
    assert not found.unread
    assert {name: shown(found.tables[name]) for name in expected} == expected
    assert "t" not in found.tables


def test_types_are_what_they_are_in_the_end():
    found = read(
        BASE
        + """
        ALTER TYPE mood ADD VALUE IF NOT EXISTS 'great' BEFORE 'ok'; ALTER TYPE mood RENAME VALUE 'sad' TO 'low';
        CREATE TYPE mood_new AS ENUM ('x', 'y');
        ALTER TABLE b ADD COLUMN old mood, ADD COLUMN m mood_new[];
        ALTER TYPE mood RENAME TO mood_old; ALTER TYPE mood_new RENAME TO mood; ALTER TABLE b ADD COLUMN new mood;
        CREATE DOMAIN short AS varchar(5) CONSTRAINT filled CHECK (VALUE <> '');
        ALTER DOMAIN short ADD CONSTRAINT low CHECK (VALUE = lower(VALUE)); ALTER DOMAIN short DROP CONSTRAINT filled; ALTER DOMAIN short SET NOT NULL;
        CREATE TYPE pair AS (x int, y int); CREATE TYPE span AS RANGE (subtype = float8);
        CREATE TABLE c (s short, p pair, r span, u some.extension_type, k pair NOT NULL);
        """
    )
    columns = {(table.name, one.name): one for table in found for one in table.columns}
    assert columns["a", "m"].values == columns["b", "old"].values == ("low", "great", "ok")
    assert columns["b", "new"].values == columns["b", "m"].values == ("x", "y") and columns["b", "m"].array
    short = columns["c", "s"]
    assert (short.length, short.nullable) == (5, False)
    assert [check.sql for check in found.tables["c"].checks] == ['"s" = lower("s")']
    assert columns["c", "u"].data_type is None, "the table is kept"
    assert [columns["c", name].form.pattern for name in "pr"] == [
        r"\([1-9][0-9]{0,2},[1-9][0-9]{0,2}\)",
        r"\[[1-9]\.[1-9],[1-9][0-9]\.[1-9]\)",
    ]


def test_partitions_belong_to_their_table():
    found = read(
        """
        CREATE TABLE m (id bigint NOT NULL, kind text NOT NULL, at date) PARTITION BY LIST (kind);
        CREATE TABLE m1 PARTITION OF m (CONSTRAINT k UNIQUE (id)) FOR VALUES IN ('Issue');
        CREATE TABLE m2 (id bigint NOT NULL, kind text NOT NULL, at date);
        ALTER TABLE ONLY m ATTACH PARTITION m2 FOR VALUES IN ('Epic', 'Bug');
        CREATE TABLE r (at date NOT NULL) PARTITION BY RANGE (at);
        CREATE TABLE r1 PARTITION OF r FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
        CREATE TABLE r2 PARTITION OF r FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
        CREATE TABLE gone (at date NOT NULL); ALTER TABLE r ATTACH PARTITION gone FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
        ALTER TABLE r DETACH PARTITION gone; DROP TABLE gone;
        CREATE TABLE h (id int PRIMARY KEY) PARTITION BY HASH (id);
        CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 1, REMAINDER 0);
        CREATE TABLE c (m_id bigint REFERENCES m1 (id));
        """
    )
    assert not found.unread and set(found.tables) == {"m", "r", "h", "c"}
    # All rows are where the key of c finds them.
    assert [check.sql for check in found.tables["m"].checks] == ["kind IS NOT NULL AND kind IN ('Issue')"]
    assert [check.sql for check in found.tables["r"].checks] == [
        "at IS NOT NULL AND at >= '2024-01-01' AND at < '2024-03-01'"
    ]
    assert not found.tables["h"].checks and not found.tables["h"].unread
    key = found.tables["c"].foreign_keys[0]
    assert key.table == "m" and key.where is None
    assert [(one.columns, "'Issue'" in (one.where or "")) for one in found.tables["m"].unique_keys] == [(("id",), True)]


def test_mysql_changes_and_conditional_comments():
    found = read(
        """
        /*!40101 SET NAMES utf8 */; CREATE DATABASE IF NOT EXISTS `shop`; USE `shop`;
        CREATE TABLE `shop`.`a` (`id` int(11) unsigned NOT NULL AUTO_INCREMENT, `e` enum('x','y') DEFAULT 'x', `key` varchar(5), `n` double unsigned,
          PRIMARY KEY (`id`), UNIQUE KEY `u` (`e`,`key`(3)) USING BTREE, FULLTEXT KEY `f` (`key`), CONSTRAINT CHECK (`n` > 0)) ENGINE=InnoDB COMMENT='it''s'
          /*!50100 PARTITION BY RANGE (`id`) (PARTITION p0 VALUES LESS THAN (100) ENGINE = InnoDB, PARTITION p1 VALUES LESS THAN (200)) */;
        ALTER TABLE a ADD COLUMN z int NOT NULL AFTER id, CHANGE `key` word varchar(9) NOT NULL, MODIFY n int, ADD KEY (z), DROP INDEX u, ADD UNIQUE INDEX (z), ALGORITHM=INPLACE;
        RENAME TABLE a TO b; CREATE TABLE c LIKE b; ALTER TABLE c DROP PRIMARY KEY, RENAME d;
        DELIMITER //
        CREATE PROCEDURE p() BEGIN CREATE TEMPORARY TABLE t (x int); IF 1 THEN SELECT 1; END IF; END //
        CREATE DEFINER=`root`@`%` TRIGGER tr BEFORE INSERT ON b FOR EACH ROW BEGIN SET NEW.word = 'x'; END//
        DELIMITER ;
        LOCK TABLES `b` WRITE; INSERT INTO b VALUES (1, 'a;b'), (2, 'it\\'s'); UNLOCK TABLES;
        CREATE TABLE v (id int); DROP TABLE IF EXISTS `v`; /*!50001 CREATE ALGORITHM=UNDEFINED */ /*!50013 DEFINER=`root`@`%` SQL SECURITY DEFINER */ /*!50001 VIEW `v` AS SELECT 1 */;
        """,
        None,
    )
    assert found.dialect == "mysql" and not found.unread and found.views == 1
    assert set(found.tables) == {"b", "d"}
    b = found.tables["b"]
    assert shown(b).startswith("id! z! e word! n; id; z; `n` > 0") and "200" in b.checks[-1].sql
    assert b.comment == "it's" and b.column("id").unsigned and b.column("id").identity
    assert [(one.name, one.timing, one.events, one.sets) for one in b.triggers] == [
        ("tr", "BEFORE", ("INSERT",), ("word",))
    ]
    assert found.tables["d"].primary_key == () and "procedure" in " ".join(found.notes)


def test_sqlite_tables_that_are_made_anew():
    found = read(
        """
        PRAGMA foreign_keys=OFF; BEGIN TRANSACTION;
        CREATE TABLE 'p' (id INTEGER PRIMARY KEY, name BLOB SUB_TYPE TEXT, [odd name] VARCHAR(5) COLLATE NOCASE, z);
        CREATE TABLE c (p_id INTEGER REFERENCES p(id) ON DELETE CASCADE, UNIQUE (p_id) ON CONFLICT IGNORE) WITHOUT ROWID;
        CREATE TABLE "new_p" (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, other TEXT);
        INSERT INTO new_p SELECT id, name FROM p; DROP TABLE "p"; ALTER TABLE "new_p" RENAME TO "p";
        CREATE VIRTUAL TABLE f USING fts5(body); CREATE TABLE IF NOT EXISTS 'f_data'(id INTEGER PRIMARY KEY, block BLOB);
        CREATE TRIGGER t AFTER INSERT ON c BEGIN UPDATE p SET other = CASE WHEN 1 THEN 'x' END; DELETE FROM p; END;
        COMMIT;
        """,
        None,
    )
    assert found.dialect == "sqlite" and not found.unread
    assert {name: shown(table) for name, table in found.tables.items()} == {
        "p": "id! other; id",
        "c": "p_id; p_id; p_id>p.id",
    }
    assert found.tables["c"].triggers[0].events == ("INSERT",)


def test_sql_server_and_oracle():
    server = read(
        """
        USE [Shop]\nGO\nSET ANSI_NULLS ON\nGO
        CREATE TABLE [dbo].[a]([id] [int] IDENTITY(1,1) NOT NULL, [b c] [nvarchar](max) NULL, [d] AS ([id]+(1)) PERSISTED, [u] [uniqueidentifier] NOT NULL,
          [g] [hierarchyid] NULL, CONSTRAINT [PK_a] PRIMARY KEY CLUSTERED ([id] ASC) WITH (PAD_INDEX = OFF) ON [PRIMARY]) ON [PRIMARY]
        CREATE UNIQUE NONCLUSTERED INDEX i ON [dbo].[a] ([u]) INCLUDE ([b c]) WHERE ([u] IS NOT NULL)\nGO
        CREATE PROCEDURE p AS BEGIN CREATE TABLE #t (x int); SELECT 1; END\nGO
        IF NOT EXISTS (SELECT 1) BEGIN CREATE TABLE s.b (a_id int NULL, x bit) END\nGO
        ALTER TABLE s.b WITH CHECK ADD CONSTRAINT f FOREIGN KEY([a_id]) REFERENCES [dbo].[a] ([id]), CONSTRAINT k CHECK ([x] = 1)\nGO
        ALTER TABLE s.b ADD CONSTRAINT df DEFAULT ((0)) FOR [x]\nGO\nALTER TABLE s.b ALTER COLUMN a_id bigint NOT NULL\nGO\nEXEC sp_rename 's.b.x', 'y', 'COLUMN'\nGO
        """,
        None,
    )
    assert server.dialect == "tsql" and not server.unread
    assert shown(server.tables["a"]) == "id! b c d u! g; id; u if [u] IS NOT NULL"
    assert shown(server.tables["s.b"]) == 'a_id! y; a_id>a.id; "y" = 1'
    a = server.tables["a"]
    assert a.column("id").identity and a.column("d").generated and str(a.column("u").data_type) == "UUID"
    oracle = read(
        """
        CREATE TABLE a (id NUMBER(10) GENERATED BY DEFAULT ON NULL AS IDENTITY, b VARCHAR2(20 CHAR) DEFAULT 'x' NOT NULL ENABLE, c CLOB, d NUMBER(5,2), e SDO_GEOMETRY,
          CONSTRAINT pk PRIMARY KEY (id) USING INDEX TABLESPACE t) TABLESPACE t PCTFREE 10
        /
        CREATE OR REPLACE TRIGGER tr BEFORE INSERT ON a FOR EACH ROW BEGIN IF :NEW.id IS NULL THEN :NEW.id := s.NEXTVAL; END IF; END;
        /
        ALTER TABLE a ADD (f DATE, g NUMBER DEFAULT 0); ALTER TABLE a MODIFY (c NOT NULL);
        """,
        None,
    )
    assert oracle.dialect == "oracle" and not oracle.unread
    assert shown(oracle.tables["a"]) == "id! b! c! d e f g; id"
    assert [str(one.data_type) for one in oracle.tables["a"].columns[1:5]] == [
        "STRING",
        "STRING",
        "DECIMAL(5,2)",
        "STRING",
    ]
    assert any("a.e: the type SDO_GEOMETRY is not known" in note for note in oracle.notes)


DUMP = r"""--
-- PostgreSQL database dump
--
\restrict abc
SET statement_timeout = 0; SELECT pg_catalog.set_config('search_path', '', false);
CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public; COMMENT ON EXTENSION citext IS 'x';
CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS $_$ BEGIN CREATE TABLE nope (x int); RETURN NEW; END; $_$;
ALTER FUNCTION public.f() OWNER TO app;
CREATE TABLE public.a (id bigint NOT NULL, note text DEFAULT 'a;b -- c'::text, at timestamp with time zone DEFAULT now() NOT NULL);
ALTER TABLE public.a OWNER TO app; ALTER TABLE ONLY public.a REPLICA IDENTITY FULL; ALTER TABLE public.a ENABLE ROW LEVEL SECURITY;
CREATE SEQUENCE public.a_id_seq START WITH 1 CACHE 1; ALTER SEQUENCE public.a_id_seq OWNED BY public.a.id;
ALTER TABLE ONLY public.a ALTER COLUMN id SET DEFAULT nextval('public.a_id_seq'::regclass);
CREATE VIEW public.v AS SELECT 1; ALTER TABLE public.v OWNER TO app; CREATE POLICY p ON public.a USING (true);
COPY public.a (id, note) FROM stdin;
1	it's; CREATE TABLE nope (x int);
\.
SELECT pg_catalog.setval('public.a_id_seq', 1, true);
ALTER TABLE ONLY public.a ADD CONSTRAINT a_pkey PRIMARY KEY (id);
CREATE TRIGGER t BEFORE INSERT OR UPDATE OF note ON public.a FOR EACH ROW EXECUTE FUNCTION public.f();
ALTER TABLE public.a DISABLE TRIGGER t;
GRANT ALL ON TABLE public.a TO app; REVOKE ALL ON SCHEMA public FROM PUBLIC; ALTER DEFAULT PRIVILEGES FOR ROLE app GRANT SELECT ON TABLES TO app;
--
-- PostgreSQL database dump complete
--
\unrestrict abc
"""


def test_the_noise_of_a_dump_is_quiet():
    found = read(DUMP, None)
    assert (found.dialect, found.views, found.unread) == ("postgres", 1, ())
    table = found.tables["a"]
    assert (
        shown(table) == "id! note at!; id"
        and table.column("id").identity
        and table.column("note").default == "'a;b -- c'::text"
    )
    assert [(one.name, one.timing, one.events, one.action, one.enabled) for one in table.triggers] == [
        ("t", "BEFORE", ("INSERT", "UPDATE"), "public.f()", "D")
    ]
    assert found.notes == ("left out, as they make no table that stays: 1 function, 1 policy of rows",)


@pytest.mark.parametrize("share", range(1, 20))
def test_a_file_that_is_cut_says_so_wherever_it_is_cut(share):
    text = DUMP[: len(DUMP) * share // 20]
    try:
        found = read(text, "postgres")
    except PolicyError as error:
        assert "middle" in str(error) or "dump" in str(error)
    else:
        assert any("it ends" in one or "has not its last line" in one for one in found.unread)


def test_what_cannot_be_read_is_lost_alone_and_named_with_its_line():
    found = read(
        "CREATE TABLE a (id int);\n\nALTER TABLE a FROBNICATE x, ADD COLUMN y int;\nALTER TABLE missing ADD COLUMN y int;\n"
        "CREATE TABLE c (id int, 7 broken, z text);\nFROB a;\nCREATE TABLE d (id int, "
    )
    assert {name: shown(table) for name, table in found.tables.items()} == {"a": "id y", "c": "id z"}
    assert [one.partition(":")[0] for one in found.unread] == ["line 3", "line 4", "line 5", "line 6", "line 7"]
    assert "FROBNICATE x of ALTER TABLE a" in found.unread[0] and "there is no table missing" in found.unread[1]
    assert "7 broken" in found.unread[2] and "ends in the middle" in found.unread[4]


def test_a_table_that_is_lost_and_dropped_is_no_loss():
    assert not read(
        "CREATE TABLE a (id int); CREATE TABLE x AS SELECT f(1) FROM nowhere; ALTER TABLE x ADD COLUMN y int; DROP TABLE x;"
    ).unread


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("CREATE TABLE [dbo].[a] ([id] [int] NOT NULL)\nGO\n", "tsql"),
        ("CREATE TABLE a (id NUMBER(10), b VARCHAR2(5))", "oracle"),
        ("CREATE TABLE a (x text[]); CREATE FUNCTION f() AS $$ -- `x`\n $$ LANGUAGE plpgsql;", "postgres"),
        ("-- with `ticks`\nCREATE TABLE a (x bytea DEFAULT 'AUTO_INCREMENT')", "postgres"),
        ("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE a (x);", "sqlite"),
        ("/*!40101 SET NAMES utf8 */;\nCREATE TABLE a (x int(11)) DEFAULT CHARSET=utf8;", "mysql"),
    ],
)
def test_dialects_are_told_by_the_words_that_are_theirs_alone(text, dialect):
    assert guess_dialect(text) == dialect


def test_parts_of_mysql_by_numbers_of_days_are_limits_on_the_day_and_endless_ones_are_none():
    made = "CREATE TABLE {} (id int NOT NULL, at date NOT NULL) PARTITION BY"
    found = read(
        f"{made.format('a')} RANGE (to_days(at)) (PARTITION p VALUES LESS THAN (to_days('2024-06-01')));"
        f"{made.format('b')} RANGE (to_days(at)) (PARTITION p VALUES LESS THAN (739403), PARTITION q VALUES LESS THAN MAXVALUE);"
        f"{made.format('c')} HASH (id) PARTITIONS 4;",
        "mysql",
    )
    assert [[check.sql for check in table.checks] for table in found] == [["at IS NOT NULL AND at < '2024-06-01'"], [], []]  # fmt: skip
    assert not any(table.unread for table in found)
