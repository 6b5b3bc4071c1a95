"""Structured logs: a line of JSON, or of text, for each thing that happens, with the run that it belongs to."""

import datetime
import json
import logging
import os
import sys
from contextvars import ContextVar
from typing import TextIO

from typing_extensions import override

FORMATS = ("text", "json")
LEVELS = ("debug", "info", "warning", "error")
FORMAT_VARIABLE, LEVEL_VARIABLE = "FAASERA_LOG", "FAASERA_LOG_LEVEL"
run_id: ContextVar[str | None] = ContextVar("faasera run", default=None)
"""The run that goes on here; None outside of one."""
_OWN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def get_logger(name: str) -> logging.Logger:
    """The logger of a part of the engine.

    Args:
        name: of the part, such as ``run``.
    """
    return logging.getLogger(f"faasera.{name}")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: ``time``, ``level``, ``logger``, ``event``, ``run``, and what the record adds."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        values: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if (run := run_id.get()) is not None:
            values["run"] = run
        values |= {name: value for name, value in vars(record).items() if name not in _OWN}
        if record.exc_info and record.exc_info[0] is not None:
            values["error"] = record.exc_info[0].__name__
        return json.dumps(values, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """Time, level and event, and what the record adds as name=value."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        more = " ".join(f"{name}={value}" for name, value in vars(record).items() if name not in _OWN)
        return f"{moment} {record.levelname.lower():7} {record.getMessage()} {more}".rstrip()


def configure(form: str | None = None, level: str | None = None, stream: TextIO | None = None) -> None:
    """Let the engine log; without a format, and without ``FAASERA_LOG``, only warnings are told.

    Args:
        form: one of ``FORMATS``; None for ``FAASERA_LOG``.
        level: one of ``LEVELS``; None for ``FAASERA_LOG_LEVEL``, else ``info``.
        stream: None for standard error.

    Raises:
        ValueError: there is no such format or level; its text says which there are.
    """
    form = form or os.environ.get(FORMAT_VARIABLE) or None
    level = level or os.environ.get(LEVEL_VARIABLE) or None
    if form is not None and form not in FORMATS:
        raise ValueError(f"there is no log format '{form}': {', '.join(FORMATS)}")
    if level is not None and level not in LEVELS:
        raise ValueError(f"there is no log level '{level}': {', '.join(LEVELS)}")
    if form is None and level is None:
        return
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger("faasera")
    root.handlers[:] = [handler]
    root.setLevel((level or "info").upper())
    root.propagate = False
