"""Random policies of related tables, for properties that must hold for all of them."""

from typing import Any

from hypothesis import strategies as st
from policies import ROOT

ROWS = st.one_of(st.integers(0, 4), st.integers(5, 60), st.integers(61, 400))
DISTRIBUTIONS = st.sampled_from([None, "ZIPF", {"type": "ZIPF", "exponent": 1.4}, "NORMAL"])
COUNTS = st.sampled_from([None, "ZIPF", "NORMAL", {"type": "EXPONENTIAL", "mean": 2}])


@st.composite
def columns(draw: st.DrawFn, prefix: str) -> dict[str, Any]:
    """A few columns of all kinds, some derived from others."""
    number = {"type": "RANDOM", "range": {"min": draw(st.integers(-50, 0)), "max": draw(st.integers(1, 500))}}
    number["distribution"] = draw(st.sampled_from(["UNIFORM", "NORMAL", "ZIPF", "EXPONENTIAL", "TRIANGULAR"]))
    rules: dict[str, Any] = {
        f"{prefix}v": number,
        f"{prefix}price": {"type": "RANDOM", "dataType": "DECIMAL(8,2)", "range": {"min": 0, "max": 99.5}},
        f"{prefix}day": {"type": "DATE_RANDOM", "range": {"start": "2024-01-01", "end": "2024-12-31"}},
        f"{prefix}kind": {"type": "SEED", "values": ["a", "b", "c"], "weights": [1, 2, draw(st.integers(0, 4))]},
    }
    if draw(st.booleans()):
        rules[f"{prefix}v"]["nullFraction"] = draw(st.sampled_from([0, 0.2, 1]))
    extra: dict[str, Any] = {
        f"{prefix}cost": {"type": "PRESERVE", "dataType": "DECIMAL(10,2)", "expression": f"{prefix}price * 1.19"},
        f"{prefix}text": {"type": "PRESERVE", "pattern": f"{{{prefix}kind|upper}}/{{{prefix}day}}"},
        f"{prefix}late": {
            "type": "DATE_RANDOM",
            "range": {"start": f"{{{prefix}day}}", "end": f"{{{prefix}day}} + P2M"},
        },
        f"{prefix}code": {"type": "RANDOM", "pattern": "[A-Z]{2}-[0-9]{3}"},
    }
    for name in draw(st.sets(st.sampled_from(sorted(extra)), max_size=3)):
        rules[name] = extra[name]
    return rules


class Schema:
    """A policy while it grows."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.tables: list[dict[str, Any]] = []
        self.keys: list[list[str]] = []

    def name(self) -> str:
        return f"t{len(self.tables)}"

    def chance(self, percent: int) -> bool:
        return self.draw(st.integers(1, 100)) <= percent

    def add(self, key: list[str], rules: dict[str, Any], **keys: Any) -> dict[str, Any]:
        table = {"tableName": self.name(), "columnRuleMap": rules, "foreignKeys": [], **keys}
        self.tables.append(table)
        self.keys.append(key)
        return table

    def reference(self, index: int) -> dict[str, Any]:
        return {"table": f"t{index}", "columns": self.keys[index]}

    def basic(self) -> dict[str, Any]:
        """A table with a key of one or two columns."""
        prefix = f"c{len(self.tables)}_"
        rules = self.draw(columns(prefix))
        style = self.draw(st.sampled_from(["sequence", "uuid", "pattern", "pair"]))
        if style == "pair":
            a, b = f"{prefix}a", f"{prefix}b"
            rules = {
                a: {"type": "RANDOM", "range": {"min": 1, "max": 25}},
                b: {"type": "SEED", "values": list(range(20))},
            } | rules
            return self.add([a, b], rules, compositeKeyColumn=f"{a}+{b}")
        rule = {
            "sequence": {},
            "uuid": {"type": "RANDOM", "dataType": "UUID"},
            "pattern": {"type": "RANDOM", "pattern": "[A-Z]{3}[0-9]{2}"},
        }[style]
        return self.add([f"{prefix}id"], {f"{prefix}id": rule} | rules, primaryKeyColumn=f"{prefix}id")

    def foreign_key(self, index: int, target: int, number: int) -> None:
        """A foreign key of one table to another, to a later one, or to itself."""
        table = self.tables[index]
        names = [f"f{index}_{number}_{place}" for place in range(len(self.keys[target]))]
        key: dict[str, Any] = {"columns": names, "references": self.reference(target)}
        if index == target:
            shape: dict[str, Any] = {"roots": self.draw(st.integers(1, 3))}
            if self.chance(40):
                shape["branching"] = self.draw(st.sampled_from([1, 2, 5, {"min": 1, "max": 3}]))
            elif self.chance(50):
                shape["maxDepth"] = self.draw(st.integers(1, 6))
            key["acyclic"] = self.draw(st.sampled_from([True, shape, shape, False]))
            table["foreignKeys"].append(key)
            if key["acyclic"] and self.chance(60):
                day = f"c{index}_day"
                table["columnRuleMap"][f"above{number}"] = {
                    "type": "PRESERVE",
                    "lookup": f"{'+'.join(names)}.{day}",
                    "default": "2020-01-01",
                }
            return
        optional = self.chance(25)
        if optional:
            key["nullFraction"] = self.draw(st.sampled_from([0.1, 0.5, 1]))
        if self.chance(15):
            key["unique"] = True
        elif self.chance(40):
            key["distribution"] = self.draw(DISTRIBUTIONS | st.just({"type": "WEIGHTED", "column": f"c{target}_price"}))
        if key.get("distribution") is None:
            key.pop("distribution", None)
        table["foreignKeys"].append(key)
        prefix = f"c{target}_"
        if self.chance(60):
            rule: dict[str, Any] = {
                "type": "PRESERVE",
                "lookup": f"{'+'.join(names)}.{prefix}{self.draw(st.sampled_from(['price', 'kind', 'day']))}",
            }
            if optional:
                rule["default"] = None
            table["columnRuleMap"][f"look{number}"] = rule
        if self.chance(30) and not optional:
            rule = {
                "type": "DATE_RANDOM",
                "range": {
                    "start": f"{{{'+'.join(names)}.{prefix}day}} + P1D",
                    "end": f"{{{'+'.join(names)}.{prefix}day}} + P9D",
                },
            }
            table["columnRuleMap"][f"after{number}"] = rule

    def children(self, parent: int) -> None:
        """A table whose rows are counted out to the rows of another, and what both say of each other."""
        index = len(self.tables)
        table = self.basic()
        names = [f"f{index}_p_{place}" for place in range(len(self.keys[parent]))]
        low = self.draw(st.integers(0, 3))
        cardinality: dict[str, Any] = {"min": low, "max": low + self.draw(st.integers(0, 5))}
        if cardinality["max"] > low and (shape := self.draw(COUNTS)) is not None:
            cardinality["distribution"] = shape
        table["foreignKeys"].append(
            {"columns": names, "references": self.reference(parent), "childrenPerParent": cardinality}
        )
        rules = table["columnRuleMap"]
        family: dict[str, Any] = {
            "no": {"type": "PRESERVE", "expression": "{#}"},
            "last": {"type": "PRESERVE", "expression": "last()"},
            "of": {"type": "PRESERVE", "pattern": "{#}/" + "{" + names[0] + "}"},
            "since": {"type": "DATE_RANDOM", "range": {"start": "2023-01-01", "end": "2024-12-31"}, "ascending": True},
        }
        for name in self.draw(st.sets(st.sampled_from(sorted(family)))):
            rules[name] = family[name]
        if "since" in rules:
            rules["until"] = {"type": "PRESERVE", "expression": "add_days(next(since), -1)"}
        if "no" in rules:
            table["uniqueKeys"] = [[*names, "no"]]
        above = self.tables[parent]["columnRuleMap"]
        for function in self.draw(st.sets(st.sampled_from(["sum", "count", "max", "average"]), max_size=2)):
            above[f"{function}{index}"] = {
                "type": "PRESERVE",
                "aggregate": {"table": f"t{index}", "function": function, "expression": f"c{index}_price"},
            }

    def junction(self, one: int, other: int) -> None:
        """Two foreign keys that are together unique, with a third column or counted out to the first."""
        index = len(self.tables)
        keys = []
        for place, target in enumerate((one, other)):
            names = [f"f{index}_{place}_{number}" for number in range(len(self.keys[target]))]
            keys.append({"columns": names, "references": self.reference(target)})
        columns_of = [name for key in keys for name in key["columns"]]
        rules: dict[str, Any] = {name: {} for name in columns_of}
        if self.chance(40):
            rules["role"] = {"type": "SEED", "values": ["x", "y", "z"]}
            columns_of.append("role")
        table = self.add([], rules, compositeKeyColumn="+".join(columns_of))
        table["foreignKeys"] = keys
        if self.chance(50):
            keys[0]["childrenPerParent"] = {"min": 0, "max": self.draw(st.integers(1, 4))}
        else:
            table["rowCount"] = self.draw(ROWS)

    def tenants(self) -> None:
        """Tables below common parents, and one that refers to two of them, which must agree."""
        top = len(self.tables)
        self.add(["tid"], {"tid": {}}, primaryKeyColumn="tid", rowCount=self.draw(st.integers(1, 9)))
        for side in ("u", "w"):
            key: dict[str, Any] = {"columns": ["tid"], "references": {"table": f"t{top}", "columns": ["tid"]}}
            table = self.add(["tid", side], {side: {}}, primaryKeyColumn=side, uniqueKeys=[["tid", side]])
            table["foreignKeys"] = [key]
            if self.chance(50):
                key["childrenPerParent"] = {"min": self.draw(st.integers(0, 2)), "max": self.draw(st.integers(2, 6))}
            else:
                table["rowCount"] = self.draw(ROWS)
            if self.chance(40):
                table["foreignKeys"].append(
                    {"columns": ["tid", "above"], "references": {"table": table["tableName"], "columns": ["tid", side]}}
                )
        keys = [
            {"columns": ["tid", side], "references": self.reference(top + 1 + place)} for place, side in enumerate("uw")
        ]
        keys.append({"columns": ["tid"], "references": {"table": f"t{top}", "columns": ["tid"]}})
        table = self.add([], {}, rowCount=self.draw(ROWS))
        if self.chance(50):
            table["compositeKeyColumn"] = "tid+u+w"
        elif self.chance(50):
            keys[1]["nullFraction"] = 0.3
        elif self.chance(50):
            del table["rowCount"]
            keys[0]["childrenPerParent"] = {"min": 0, "max": 3}
        table["foreignKeys"] = keys

    def file(self, index: int) -> None:
        """A foreign key to a file of keys that exist already."""
        table = self.tables[index]
        key: dict[str, Any] = {"columns": ["depot"], "references": {"file": "keys.csv", "columns": ["depot"]}}
        if self.chance(50):
            key["distribution"] = {"type": "WEIGHTED", "column": "size"}
        table["foreignKeys"].append(key)
        table["columnRuleMap"]["area"] = {"type": "PRESERVE", "lookup": "keys.area"}

    def polymorphic(self, targets: list[int]) -> None:
        """A column that chooses which parent an id refers to."""
        index = len(self.tables)
        name = f"c{index}_subject"
        table = self.basic()
        table["rowCount"] = self.draw(ROWS)
        table["columnRuleMap"]["which"] = {"type": "SEED", "values": [f"t{target}" for target in targets]}
        references = [{**self.reference(target), "when": {"which": f"t{target}"}} for target in targets]
        table["foreignKeys"].append({"columns": [name], "references": references})


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    """A pipeline of up to eight tables, related in every way that a policy knows."""
    schema = Schema(draw)
    for _ in range(draw(st.integers(1, 3))):
        schema.basic()["rowCount"] = draw(ROWS)
    if draw(st.booleans()):
        schema.children(draw(st.integers(0, len(schema.tables) - 1)))
    for index, table in enumerate(list(schema.tables)):
        for number in range(draw(st.integers(0, 2))):
            target = draw(st.integers(0, len(schema.tables) - 1))
            if "rowCount" in table or target != index:
                schema.foreign_key(index, target, number)
    if draw(st.booleans()):
        schema.file(0)
    if draw(st.booleans()):
        schema.junction(0, draw(st.integers(0, len(schema.tables) - 1)))
    sequences = [n for n, table in enumerate(schema.tables) if table["columnRuleMap"].get(f"c{n}_id", 1) == {}]
    if len(sequences) > 1 and draw(st.booleans()):
        schema.polymorphic(sequences[:2])
    if len(schema.tables) < 5 and draw(st.booleans()):
        schema.tenants()
    return {
        "seed": draw(st.integers(0, 2**64 - 1)),
        "seedDirectory": str(ROOT / "tests/run"),
        "tables": draw(st.permutations(schema.tables)),
    }
