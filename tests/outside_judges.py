"""What programs of others say of an output; run by a Python of their own, as they pin much of what they need.

python outside_judges.py croissant FILE       the rows of each table, as mlcroissant reads them
python outside_judges.py diagnostic REAL OUT  SDMetrics' diagnostic report of OUT, beside a larger run
"""

import json
import sys
from pathlib import Path

import pandas as pd

_FEW = 40
_KINDS = {"DATE": "datetime", "TIMESTAMP": "datetime", "BOOLEAN": "boolean"}
_NUMBERS = ("INTEGER", "BIGINT", "DECIMAL", "DOUBLE")


def croissant(path):
    import mlcroissant

    dataset = mlcroissant.Dataset(jsonld=path)
    rows = {one.name: list(dataset.records(record_set=one.uuid)) for one in dataset.metadata.record_sets}
    return {
        "errors": sorted(dataset.metadata.ctx.issues.errors),
        "rows": {name: len(found) for name, found in rows.items()},
        "first": {name: {key: str(value) for key, value in found[0].items()} for name, found in rows.items()},
    }


def diagnostic(real, out):
    from sdmetrics.reports import DiagnosticReport

    manifest = json.loads((Path(out) / "_manifest.json").read_text())
    data = [{table["name"]: _frame(folder, table) for table in manifest["tables"]} for folder in (real, out)]
    metadata = {"tables": {}, "relationships": []}
    for table in manifest["tables"]:
        keys = {column for key in table["foreignKeys"] for column in key["columns"]} | {table["primaryKey"]}
        columns = {one["name"]: {"sdtype": _kind(one, keys, data[0][table["name"]])} for one in table["columns"]}
        metadata["tables"][table["name"]] = {"columns": columns}
        if table["primaryKey"]:
            metadata["tables"][table["name"]]["primary_key"] = table["primaryKey"]
        for key in table["foreignKeys"]:
            if len(key["columns"]) == 1:
                metadata["relationships"].append(
                    {
                        "parent_table_name": key["references"]["table"],
                        "parent_primary_key": key["references"]["columns"][0],
                        "child_table_name": table["name"],
                        "child_foreign_key": key["columns"][0],
                    }
                )
    report = DiagnosticReport()
    report.generate(data[0], data[1], metadata, verbose=False)
    properties = report.get_properties().set_index("Property")["Score"].to_dict()
    details = {name: report.get_details(name).to_dict("records") for name in properties}
    low = [one for rows in details.values() for one in rows if one["Score"] < 1]
    return {"score": report.get_score(), "properties": properties, "low": json.loads(json.dumps(low, default=str))}


def _frame(folder, table):
    frame = pd.concat([pd.read_parquet(Path(folder) / file["path"]) for file in table["files"]])
    for column in table["columns"]:
        if column["dataType"].startswith("DECIMAL"):
            frame[column["name"]] = frame[column["name"]].astype(float)
        if column["dataType"] in ("DATE", "TIMESTAMP"):
            frame[column["name"]] = pd.to_datetime(frame[column["name"]])
        if frame[column["name"]].dtype == "category":
            frame[column["name"]] = frame[column["name"]].astype(object)
    return frame


def _kind(column, keys, frame):
    if column["name"] in keys:
        return "id"
    base = column["dataType"].partition("(")[0]
    if base in _KINDS:
        return _KINDS[base]
    if base in _NUMBERS:
        return "numerical"
    return "categorical" if frame[column["name"]].nunique() <= _FEW else "unknown"


if __name__ == "__main__":
    print(json.dumps({"croissant": croissant, "diagnostic": diagnostic}[sys.argv[1]](*sys.argv[2:])))
