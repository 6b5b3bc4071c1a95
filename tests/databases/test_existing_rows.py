"""Keys and values of rows that exist already in a database: parents, lookups, encoding."""

import pytest
from database_fixtures import DIALECTS, opened
from policies import problems

import faasera

POLICY = {
    "tables": [
        {
            "tableName": "visits",
            "rowCount": 300,
            "primaryKeyColumn": "id",
            "foreignKeys": [
                {"columns": ["branch"], "references": {"connection": "crm", "table": "branches", "columns": ["code"]}}
            ],
            "columnRuleMap": {
                "branch": {},
                "town": {"type": "PRESERVE", "lookup": "branches.town"},
                "account": {"type": "FPE_ENCODED", "source": "branches.account", "alphabet": "0123456789"},
            },
        }
    ]
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_rows_of_a_database_are_parents(dialect, fresh, monkeypatch, tmp_path):
    url = fresh(dialect)
    database = opened(url)
    database.execute(
        "CREATE TABLE branches (code varchar(4) NOT NULL PRIMARY KEY, town varchar(20), account varchar(12), size integer)"
    )
    database.execute(
        "INSERT INTO branches VALUES ('B2', 'Ulm', '4711000001', 3), ('A1', 'Bonn', '4711000002', 5), ('C3', NULL, '4711000003', 1)"
    )
    database.close()
    monkeypatch.setenv("FAASERA_CONNECTION_CRM", url)
    rows = faasera.generate(POLICY)["visits"].to_pylist()
    towns = {"A1": "Bonn", "B2": "Ulm", "C3": None}
    assert {row["branch"] for row in rows} == set(towns) and all(row["town"] == towns[row["branch"]] for row in rows)
    assert len({row["account"] for row in rows}) == 3 and not {row["account"] for row in rows} & {
        "4711000001",
        "4711000002",
        "4711000003",
    }
    plan = faasera.load(POLICY).plan
    assert list(plan.inputs) == ["crm/branches"] and plan.inputs == faasera.load(POLICY).plan.inputs
    faasera.load(POLICY).write(tmp_path / "out")
    report = faasera.check(tmp_path / "out")
    assert report.ok and any("another database" in finding.detail for finding in report.findings)


def test_order_does_not_depend_on_the_database(fresh, monkeypatch):
    made = []
    for dialect, order in (
        ("postgres", "('A1','x','1111111',1), ('B2','y','2222222',2)"),
        ("sqlite", "('B2','y','2222222',2), ('A1','x','1111111',1)"),
    ):
        url = fresh(dialect)
        database = opened(url)
        database.execute(
            "CREATE TABLE branches (code varchar(4) NOT NULL PRIMARY KEY, town varchar(20), account varchar(12), size integer)"
        )
        database.execute(f"INSERT INTO branches VALUES {order}")
        database.close()
        monkeypatch.setenv("FAASERA_CONNECTION_CRM", url)
        made.append(faasera.generate(POLICY)["visits"].column("branch").to_pylist())
    assert made[0] == made[1]


def test_what_is_wrong_with_a_connection(monkeypatch, tmp_path):
    place = "/tables/0/foreignKeys/0/references/connection"
    assert "there is no connection 'crm'" in problems(POLICY)[place].message
    monkeypatch.setenv("FAASERA_CONNECTION_CRM", f"sqlite:///{tmp_path}/empty.db")
    assert "no such table" in problems(POLICY)[place].message
    with_password = {
        "tables": [
            {
                **POLICY["tables"][0],
                "foreignKeys": [
                    {
                        "columns": ["branch"],
                        "references": {
                            "connection": "postgresql://u:s3cret@h/x",
                            "table": "branches",
                            "columns": ["code"],
                        },
                    }
                ],
            }
        ]
    }
    assert problems(with_password)[place].code == "password-in-call" and "s3cret" not in str(problems(with_password))
    both = {
        "tables": [
            {
                **POLICY["tables"][0],
                "foreignKeys": [
                    {"columns": ["branch"], "references": {"connection": "crm", "file": "x.csv", "columns": ["code"]}}
                ],
            }
        ]
    }
    assert problems(both)[place].code == "no-effect"
