"""Schemas with what is awkward in each database: types, names, keys and constraints of every kind."""

import pytest
from database_fixtures import ask, do, opened, structure

import faasera
from faasera.run.importing import import_schema
from faasera.run.into_database import DatabaseRun
from faasera.run.planning import load_plan

AWKWARD = {
    ('postgres', 'social'): """
create table users(id bigserial primary key, handle varchar(15) unique not null check (handle ~ '^[a-z0-9_]{3,15}$'), email text not null, created_at timestamptz not null default now());
create unique index on users (lower(email));
create table follows(follower_id bigint references users not null, followed_id bigint references users not null, created_at timestamptz not null default now(), primary key(follower_id,followed_id), check (follower_id <> followed_id));
create table posts(id uuid primary key default gen_random_uuid(), author_id bigint not null references users, reply_to uuid references posts, body varchar(280) not null check (length(body) > 0), likes int not null default 0 check (likes >= 0), kind smallint not null check (kind in (1,2,3)), meta jsonb not null default '{}');
create table likes(user_id bigint references users, post_id uuid references posts, primary key (user_id, post_id));
create table friend(a bigint not null references users, b bigint not null references users, primary key(a,b), check (a < b))
""",
    ('postgres', 'tenant'): """
create table tenants(id int primary key);
create table nodes(tenant_id int not null references tenants, id int not null, parent_id int, name text not null, primary key(tenant_id,id), foreign key(tenant_id,parent_id) references nodes(tenant_id,id));
create table a(tenant_id int not null, id int not null, primary key(tenant_id,id), foreign key(tenant_id) references tenants);
create table b(tenant_id int not null, a_id int not null, x int not null, primary key(tenant_id,a_id,x), foreign key(tenant_id,a_id) references a(tenant_id,id), unique (tenant_id,x))
""",
    ('postgres', 'temporal'): """
create table rooms(id int primary key, floor smallint not null check (floor between -2 and 30), capacity int check (capacity > 0 and capacity <= 500));
create table bookings(id serial primary key, room_id int not null references rooms, starts timestamp not null, ends timestamp not null, price numeric(8,2) not null check (price >= 0 and price < 10000), discount numeric(8,2) not null default 0, paid boolean not null, paid_at timestamp, ref varchar(20) not null unique check (ref like 'BK-%'), check (ends > starts), check (discount <= price), check ((paid and paid_at is not null) or (not paid and paid_at is null)), check (ends <= starts + interval '7 days'))
""",
    ('postgres', 'types'): """
create type st as enum('a','b-c','d''e');
create domain posint as int check (value > 0); create domain email as varchar(80) check (value like '%_@_%._%');
create table t(id bigint generated always as identity primary key, s st not null, ss st[] not null, p posint not null, e email not null, i interval, n inet, m money, by bytea not null, bits bit(3), ts tsvector, x xml, r real not null, d double precision not null, nn numeric not null, n2 numeric(20,10) not null, c char(5) not null, t time not null, tz timestamptz not null, tt timetz, u uuid not null unique, j json, jb jsonb not null, ia int[] not null, da date[], na numeric(5,1)[], sm smallint not null, o oid, pt point, ch "char", nm name, v varchar not null, b boolean not null, dd date not null);
create table ident(id int generated always as identity, v int);
create table only_id(id int generated always as identity primary key);
create table refs(only_id int references only_id not null)
""",
    ('postgres', 'cyc'): """
create table emp(id int primary key, dept_id int not null, boss_id int not null);
create table dept(id int primary key, head_id int not null unique, parent_id int);
alter table emp add foreign key (dept_id) references dept; alter table emp add foreign key (boss_id) references emp; alter table dept add foreign key (head_id) references emp; alter table dept add foreign key(parent_id) references dept
""",
    ('postgres', 'northwind'): """
CREATE TABLE categories (category_id smallint NOT NULL PRIMARY KEY, category_name character varying(15) NOT NULL, description text, picture bytea);
CREATE TABLE customers (customer_id bpchar NOT NULL PRIMARY KEY, company_name character varying(40) NOT NULL, contact_name character varying(30), contact_title character varying(30), address character varying(60), city character varying(15), region character varying(15), postal_code character varying(10), country character varying(15), phone character varying(24), fax character varying(24));
CREATE TABLE employees (employee_id smallint NOT NULL PRIMARY KEY, last_name character varying(20) NOT NULL, first_name character varying(10) NOT NULL, title character varying(30), birth_date date, hire_date date, reports_to smallint REFERENCES employees, notes text);
CREATE TABLE region (region_id smallint NOT NULL PRIMARY KEY, region_description character varying(60) NOT NULL);
CREATE TABLE territories (territory_id character varying(20) NOT NULL PRIMARY KEY, territory_description character varying(60) NOT NULL, region_id smallint NOT NULL REFERENCES region);
CREATE TABLE employee_territories (employee_id smallint NOT NULL REFERENCES employees, territory_id character varying(20) NOT NULL REFERENCES territories, PRIMARY KEY (employee_id, territory_id));
CREATE TABLE shippers (shipper_id smallint NOT NULL PRIMARY KEY, company_name character varying(40) NOT NULL, phone character varying(24));
CREATE TABLE orders (order_id smallint NOT NULL PRIMARY KEY, customer_id bpchar REFERENCES customers, employee_id smallint REFERENCES employees, order_date date, required_date date, shipped_date date, ship_via smallint REFERENCES shippers, freight real, ship_name character varying(40), ship_city character varying(15));
CREATE TABLE suppliers (supplier_id smallint NOT NULL PRIMARY KEY, company_name character varying(40) NOT NULL, homepage text);
CREATE TABLE products (product_id smallint NOT NULL PRIMARY KEY, product_name character varying(40) NOT NULL, supplier_id smallint REFERENCES suppliers, category_id smallint REFERENCES categories, quantity_per_unit character varying(20), unit_price real, units_in_stock smallint, discontinued integer NOT NULL);
CREATE TABLE order_details (order_id smallint NOT NULL REFERENCES orders, product_id smallint NOT NULL REFERENCES products, unit_price real NOT NULL, quantity smallint NOT NULL, discount real NOT NULL, PRIMARY KEY (order_id, product_id))
""",
    ('mysql', 'types'): """
create table t(id bigint unsigned not null auto_increment primary key, tiny tinyint unsigned not null, small smallint not null, med mediumint not null, b bit(1), b8 bit(8), f float not null, d double not null, dec1 decimal(5,2) unsigned not null, c char(3) not null, vc varchar(7) not null, bin binary(16) not null, vb varbinary(20), tb tinyblob, mt mediumtext, tt tinytext not null, e enum('a','b,c','d''e') not null, s set('x','y') not null, j json not null, y year not null, dt datetime(3) not null, ts timestamp not null default current_timestamp on update current_timestamp, tm time not null, da date not null, u uuid not null, i4 inet4, bo boolean not null, g geometry, gen int generated always as (tiny+1) stored, key k(vc), unique key uu(vc, c), fulltext key ft(mt), check (small between -5 and 5), constraint cc check (dec1 > 1 and dec1 < 100), check (char_length(vc) >= 2), check (c regexp '^[a-c]{3}$'), check (e <> 'a' or bo = 1)) comment='it''s "x"';
create table `sel``ect` (`order` int primary key, `gr oup` int, constraint fk foreign key (`gr oup`) references `sel``ect`(`order`) on delete cascade);
create table p(a int, b int, v varchar(10) character set latin1 collate latin1_swedish_ci, primary key(a,b)) partition by hash(a) partitions 4
""",
    ('sqlite', 'types'): """
create table t(id integer primary key, a, b text not null collate nocase, c varchar(5) not null check(length(c)=5), d datetime not null default (datetime('now')), e boolean not null check (e in (0,1)), f decimal(8,3) not null, g blob, h real not null check (h >= 0.5), i int not null, j date check (j > '2001-01-01'), k text check (k in ("x","y")), unique(b), check (f < h * 1000));
create table w(k text primary key, v int not null) without rowid;
create table s(id integer primary key autoincrement, t_id integer not null references t on delete cascade, n text not null) strict;
create table "we ird"("sel""ect" integer primary key, [br acket] text, `tick` int references "we ird"("sel""ect"))
""",
    ('duckdb', 'types'): """
create type m as enum('p','q'); create sequence sq;
create table t(id bigint default nextval('sq') primary key, h hugeint not null, ut utinyint not null, us usmallint not null, ub ubigint not null, f float not null, d double not null, dd decimal(9,3) not null, v varchar not null, vl varchar[] not null, il integer[], m m not null, e enum('a','b') not null, u uuid not null, b blob not null, bo boolean not null, da date not null, ts timestamp not null, tz timestamptz not null, tm time not null, iv interval, st struct(a int), mp map(int,int), bi bit, j json not null, g integer generated always as (cast(ut as integer)+1), check (d between 0 and 1), check (dd > 5), check (length(v) < 20));
create table c(id int primary key, t_id bigint not null references t(id), parent int references c(id), unique(t_id, id))
""",
}  # fmt: skip


@pytest.mark.parametrize(("dialect", "name"), AWKWARD)
def test_an_awkward_schema_is_filled_and_proved(dialect, name, fresh, tmp_path, monkeypatch):
    url = fresh(dialect)
    do(url, *(one for one in AWKWARD[dialect, name].split(";\n" if dialect == "mysql" else ";") if one.strip()))
    monkeypatch.setenv("FAASERA_CONNECTION_AWKWARD", url)
    imported = import_schema("awkward", tmp_path / "policy.json")
    assert not imported.problems and not [note for note in imported.notes if note.broken]
    assert {table["tableName"] for table in imported.policy["tables"]} == set(structure(url).tables)
    database = opened(url)
    manifest = DatabaseRun(load_plan(tmp_path / "policy.json"), database).execute()
    database.close()
    assert all(entry.table.row_count == 1000 for entry in manifest.tables)
    report = faasera.check("awkward", tmp_path / "policy.json")
    assert report.ok, report.failed[:3]


def test_classes_of_a_table_refer_to_its_rows_of_their_kind(fresh, monkeypatch, tmp_path):
    url = fresh("postgres")
    do(
        url,
        "CREATE TABLE party (id serial PRIMARY KEY, kind char(1) NOT NULL CHECK (kind IN ('P', 'O')), UNIQUE (id, kind))",
        "CREATE TABLE person (id int PRIMARY KEY REFERENCES party, kind char(1) NOT NULL CONSTRAINT only_people CHECK (kind = 'P'), FOREIGN KEY (id, kind) REFERENCES party (id, kind))",
    )
    monkeypatch.setenv("FAASERA_CONNECTION_CLASSES", url)
    imported = import_schema("classes", tmp_path / "policy.json")
    assert not imported.problems
    assert any("follows from a wider key" in note.text for note in imported.notes)
    faasera.load(tmp_path / "policy.json").write_database(url)
    assert faasera.check("classes", tmp_path / "policy.json").ok
    assert ask(url, "SELECT count(*) > 100, min(kind), max(kind) FROM person") == [(True, "P", "P")]


def test_a_key_within_a_foreign_key_makes_it_one_to_one():
    parent = {
        "tableName": "party",
        "rowCount": 50,
        "primaryKeyColumn": "id",
        "uniqueKeys": [["id", "kind"]],
        "columnRuleMap": {"kind": {"type": "SEED", "values": ["P", "O"]}},
    }
    key = {"columns": ["id", "kind"], "references": {"table": "party", "columns": ["id", "kind"]}}
    child = {
        "tableName": "person",
        "rowCount": 50,
        "primaryKeyColumn": "id",
        "foreignKeys": [key],
        "columnRuleMap": {"id": {}, "kind": {}},
    }
    rows = faasera.generate({"tables": [parent, child]})
    assert sorted(rows["person"]["id"].to_pylist()) == list(range(1, 51))
    kinds = dict(zip(rows["party"]["id"].to_pylist(), rows["party"]["kind"].to_pylist(), strict=True))
    assert all(kinds[row["id"]] == row["kind"] for row in rows["person"].to_pylist())


def test_a_table_that_nobody_can_fill_is_left_empty_until_a_person_says_how(fresh, monkeypatch, tmp_path):
    url = fresh("postgres")
    do(
        url,
        "CREATE TABLE stays (id int PRIMARY KEY, spot circle NOT NULL, nights int NOT NULL, EXCLUDE USING gist (spot WITH &&))",
        "CREATE UNIQUE INDEX odd ON stays ((nights % 1000000))",
        "CREATE TABLE guests (id int PRIMARY KEY, stay_id int REFERENCES stays, home_id int NOT NULL)",
        "CREATE TABLE bills (id int PRIMARY KEY, stay_id int NOT NULL REFERENCES stays)",
    )
    monkeypatch.setenv("FAASERA_CONNECTION_STAYS", url)
    imported = import_schema("stays", tmp_path / "policy.json")
    assert not imported.problems
    broken = {note.table: note.text for note in imported.notes if note.broken}
    assert set(broken) == {"stays", "bills"} and "EXCLUDE USING gist (spot WITH &&)" in broken["stays"]
    database = opened(url)
    made = DatabaseRun(load_plan(tmp_path / "policy.json"), database).execute()
    assert {entry.table.name: entry.table.row_count for entry in made.tables} == {
        "stays": 0,
        "guests": 1000,
        "bills": 0,
    }
    table = next(one for one in imported.policy["tables"] if one["tableName"] == "stays")
    policy = {"tables": [{**table, "rowCount": 50}]}
    with pytest.raises(faasera.PolicyError, match="cannot be honoured: EXCLUDE USING gist") as raised:
        DatabaseRun(load_plan(policy), database).execute()
    assert len(raised.value.problems) == 2 and "nights % 1000000" in raised.value.problems[1].message
    conditions = [problem.message.partition("honoured: ")[2] for problem in raised.value.problems]
    policy["tables"][0]["checks"] = [{"sql": condition, "assumed": True} for condition in conditions]
    policy["tables"][0]["columnRuleMap"]["nights"] = {"type": "SEQUENCE", "dataType": "INTEGER"}
    policy["tables"][0]["columnRuleMap"]["spot"] = {"type": "PRESERVE", "pattern": "<({id},{id}),0.1>"}
    assert DatabaseRun(load_plan(policy), database).execute().rows == 50
    database.close()


def test_ranges_that_may_not_overlap_lie_apart(fresh, monkeypatch, tmp_path):
    url = fresh("postgres")
    do(
        url,
        "CREATE EXTENSION btree_gist",
        "CREATE TABLE stays (id int PRIMARY KEY, room int NOT NULL, during tstzrange NOT NULL, EXCLUDE USING gist (room WITH =, during WITH &&))",
        "CREATE TABLE leases (id int PRIMARY KEY, term daterange NOT NULL, pages int4range NOT NULL, spare int8range, EXCLUDE USING gist (term WITH &&), "
        "EXCLUDE USING gist (pages WITH &&), EXCLUDE USING gist (spare WITH &&))",
    )
    monkeypatch.setenv("FAASERA_CONNECTION_STAYS", url)
    imported = import_schema("stays", tmp_path / "policy.json")
    assert not imported.problems and not [note for note in imported.notes if note.broken]
    database = opened(url)
    assert DatabaseRun(load_plan(tmp_path / "policy.json"), database).execute().rows == 2000
    assert database.query("SELECT count(DISTINCT term), count(spare) FROM leases") == [(1000, 0)]
    database.close()
