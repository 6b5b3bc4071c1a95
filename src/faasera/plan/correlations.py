"""A table's ``correlations``: pairs and matrices become one matrix, and each column a stream that follows it."""

import numpy as np

from faasera.core.copula import CorrelatedStream, Matrix, lower_triangle
from faasera.core.errors import Problems, did_you_mean
from faasera.core.streams import Stream
from faasera.generators.generator import Choice
from faasera.plan.links.claim import Drawing

_SAME = 1e-9


def correlated_streams(drawing: Drawing) -> dict[str, CorrelatedStream]:
    """The streams of the columns that are correlated; none after problems were reported."""
    problems = drawing.problems.at("correlations")
    with problems.expected_none() as fine:
        names, values = _stated(drawing, problems)
    if not fine or not names:
        return {}
    whole = [[1.0 if one == other else values.get(frozenset((one, other)), 0.0) for other in names] for one in names]
    triangle = lower_triangle(whole)
    if triangle is None:
        smallest = float(np.linalg.eigvalsh(np.array(whole))[0])
        message = (
            f"these are no correlations: the smallest eigenvalue of the matrix of {', '.join(names)} is {smallest:.4f}"
        )
        problems.add("correlation", message, "Move the values towards 0 until it is 0 or more.")
        return {}
    seed, table = drawing.frame.seed, drawing.table.name
    sources = [Stream(seed, table, name, "copula") for name in names]
    return {
        name: CorrelatedStream(
            seed, table, name, "correlated", tuple(sources[: place + 1]), tuple(triangle[place][: place + 1])
        )
        for place, name in enumerate(names)
    }


def _stated(drawing: Drawing, problems: Problems) -> tuple[list[str], dict[frozenset[str], float]]:
    """The columns that are named, and the correlation of each pair; what is wrong is reported."""
    names: list[str] = []
    values: dict[frozenset[str], float] = {}
    for place, one in enumerate(drawing.table.outline.policy.correlations):
        at = problems.at(place)
        if len(set(one.columns)) < len(one.columns):
            at.add("correlation", "a column is named twice", "Name each once.", at=["columns"])
            continue
        for column in one.columns:
            _check_column(drawing, column, at)
        matrix = _matrix(one.value, one.matrix, len(one.columns), at)
        for row in range(len(one.columns)) if matrix is not None else ():
            for column_place in range(row):
                pair = frozenset((one.columns[row], one.columns[column_place]))
                value = matrix[row][column_place]  # type: ignore[index]
                if abs(values.setdefault(pair, value) - value) > _SAME:
                    message = f"{' and '.join(sorted(pair))} have two correlations: {values[pair]:g} and {value:g}"
                    at.add("correlation", message, "Give one of them.", at=["columns"])
        names += [column for column in one.columns if column not in names]
    return names, values


def _matrix(value: float | None, matrix: list[list[float | int]] | None, size: int, at: Problems) -> Matrix | None:
    """A square matrix of numbers; None after a problem was reported."""
    if (value is None) == (matrix is None):
        at.add("exclusive-keys", "correlations are a 'value' or a 'matrix'", "Give exactly one of them.")
        return None
    if value is not None:
        if size != 2:
            at.add(
                "correlation", f"one value for {size} columns", "Give a 'matrix', or name two columns.", at=["value"]
            )
            return None
        return [[1.0, float(value)], [float(value), 1.0]]
    made = [[float(one) for one in row] for row in matrix or []]
    if len(made) != size or any(len(row) != size for row in made):
        at.add("correlation", f"the matrix is not {size} by {size}", "Give a row and a column for each.", at=["matrix"])
        return None
    for row in range(size):
        if abs(made[row][row] - 1.0) > _SAME:
            message = f"the matrix has {made[row][row]:g} across in row {row + 1}"
            at.add("correlation", message, "A column's correlation with itself is 1.", at=["matrix", row, row])
            return None
        for column in range(row):
            if abs(made[row][column] - made[column][row]) > _SAME or abs(made[row][column]) > 1:
                message = (
                    f"rows {column + 1} and {row + 1} of the matrix say {made[column][row]:g} and {made[row][column]:g}"
                )
                remedy = "Make it symmetric, with values from -1 to 1."
                at.add("correlation", message, remedy, at=["matrix", row, column])
                return None
    return made


def _check_column(drawing: Drawing, column: str, at: Problems) -> None:
    """Report a column that cannot move with others."""
    table = drawing.table
    if column not in table.order:
        at.add(
            "unknown-column",
            f"'{table.name}' has no column '{column}'",
            did_you_mean(column, table.order),
            at=["columns"],
        )
        return
    made = drawing.made(column)
    if made is None:
        return
    if not isinstance(made, Choice) or made.domain.axis is None:
        message = f"'{column}' has no values along an axis that could move with others"
        at.add("correlation", message, "Correlate columns of RANDOM or DATE_RANDOM with a range.", at=["columns"])
    elif table.keys.binds(column):
        message = f"'{column}' belongs to a key, which decides its draw"
        at.add("correlation", message, "Correlate columns outside of keys.", at=["columns"])
