"""Where databases are, and who gets to see the passwords: nobody."""

import pytest

from faasera.core.errors import PolicyError
from faasera.databases import DATABASES
from faasera.databases.connections import connections_file, find_connection, is_database


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "faasera").mkdir()
    return tmp_path


def test_urls():
    found = find_connection("postgres://jane%20d:p%40ss@db.example.com:5433/shop?sslmode=require")
    assert (found.engine, found.host, found.port, found.user, found.database) == (
        "postgresql",
        "db.example.com",
        5433,
        "jane d",
        "shop",
    )
    assert str(found) == "postgres://jane%20d@db.example.com:5433/shop?sslmode=require" and "p@ss" not in repr(found)
    assert found.full_url() == "postgres://jane%20d:p%40ss@db.example.com:5433/shop?sslmode=require"
    assert found.redacted("wrong: p@ss, or p%40ss") == "wrong: ***, or ***"
    assert (
        find_connection("sqlite:///a/b.db").database == "a/b.db"
        and find_connection("sqlite:////a/b.db").database == "/a/b.db"
    )
    assert find_connection("shop.duckdb").engine == "duckdb" and find_connection("mysql://h/x").engine == "mariadb"


def test_named_connections(home, monkeypatch):
    assert connections_file() == home / "faasera/connections.toml"
    connections_file().write_text(
        '[shop]\nurl = "postgresql://me@host/shop"\npassword = "s3cret"\n[other]\nurl = "mysql://me@host/x"\npassword_env = "OTHER_PW"\n'
    )
    assert find_connection("shop").password == "s3cret" and str(find_connection("shop")) == "postgresql://me@host/shop"
    with pytest.raises(PolicyError, match="needs the environment variable OTHER_PW"):
        find_connection("other")
    monkeypatch.setenv("OTHER_PW", "x")
    monkeypatch.setenv("FAASERA_CONNECTION_SHOP", "postgresql://you:p@elsewhere/shop")
    monkeypatch.setenv("FAASERA_CONNECTION_BIG_ONE", "sqlite:///big.db")
    assert find_connection("shop").host == "elsewhere" and find_connection("other").password == "x"
    assert find_connection("big-one").database == find_connection("big_one").database == "big.db"
    assert is_database("shop") and is_database("x.duckdb") and not is_database("folder")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[shop\n", "is not valid TOML"),
        ("[shop]\nhost = 'x'\n", "has no 'url'"),
        ('[shop]\nurl = "postgresql://x/y"\npasword = "s3cret"\n', "'pasword' of 'shop' is not a key here"),
    ],
)
def test_a_wrong_file_is_said_without_its_content(content, words):
    connections_file().write_text(content)
    with pytest.raises(PolicyError) as raised:
        find_connection("shop")
    assert words in str(raised.value) and "s3cret" not in str(raised.value)


def test_a_password_in_the_open_is_refused():
    with pytest.raises(PolicyError) as raised:
        find_connection("postgresql://me:s3cret@host/shop", open_to_all=True)
    assert raised.value.problems[0].code == "password-in-call" and "s3cret" not in str(raised.value)
    with pytest.raises(PolicyError, match="behind its question mark"):
        find_connection("postgresql://host/shop?password=x")


def test_names_that_are_near():
    connections_file().write_text('[shop]\nurl = "sqlite:///x.db"\n')
    with pytest.raises(PolicyError, match="Did you mean 'shop'"):
        find_connection("shopp")


@pytest.mark.parametrize("kind", list(DATABASES), ids=lambda one: one.name)
def test_every_kind_of_database_is_found_by_its_urls_and_files(kind):
    assert find_connection(kind.example).engine == kind.name
    for scheme in kind.schemes:
        assert find_connection(f"{scheme}://host/x").engine == kind.name
    for suffix in kind.suffixes:
        found = find_connection(f"shop{suffix.upper()}")
        assert (found.engine, found.database) == (kind.name, f"shop{suffix.upper()}") and kind.in_file


def test_a_password_in_the_open_is_told_the_ways_of_its_own_driver():
    for url, words in (
        ("postgresql://me:x@host/shop", "PGPASSWORD, or the driver's own file (.pgpass)"),
        ("mysql://me:x@host/shop", "MYSQL_PWD, or the driver's own file (.my.cnf)"),
        ("oracle://me:x@host/shop", "connections.toml, or the driver's own file."),
    ):
        with pytest.raises(PolicyError) as raised:
            find_connection(url, open_to_all=True)
        assert words in raised.value.problems[0].remedy
