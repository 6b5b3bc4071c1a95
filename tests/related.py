"""Short ways to write policies of related tables in tests."""

import faasera


def parent(rows: int | None = None, name: str = "p", rules=None, **keys):
    counted = {} if rows is None else {"rowCount": rows}
    return {"tableName": name, "primaryKeyColumn": "id", "columnRuleMap": rules or {}, **counted, **keys}


def refers(columns, table: str = "p", target=("id",), **keys):
    columns = [columns] if isinstance(columns, str) else list(columns)
    return {"columns": columns, "references": {"table": table, "columns": list(target)}, **keys}


def child(*foreign_keys, rules=None, rows: int | None = None, name: str = "c", **keys):
    counted = {} if rows is None else {"rowCount": rows}
    return {"tableName": name, "foreignKeys": list(foreign_keys), "columnRuleMap": rules or {}, **counted, **keys}


def rows_of(policy, name="c"):
    return faasera.generate(policy)[name].to_pylist()


def forest(rows, **shape):
    return parent(rows, "e", foreignKeys=[refers("boss", "e", acyclic=shape or True)], rules={"id": {}, "boss": {}})
