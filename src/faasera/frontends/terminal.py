"""The terminal: what is data is shown as it is, never read as markup, as an emoji's name or as a control sequence."""

import re

from rich.console import Console
from rich.markup import escape as enclosed_by_markup

out = Console(highlight=False, emoji=False)
err = Console(stderr=True, highlight=False, emoji=False)

_TAG = re.compile(r"(\\*)(\[[a-z#/@][^[]*?])")
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def visible(text: str) -> str:
    """A text without what a terminal would obey: control characters by their numbers."""
    return text.translate(_CONTROLS)


def escape(text: str) -> str:
    """Data in the middle of markup, with text or nothing behind it."""
    return _TAG.sub(r"\1\1\\\2", visible(text))


def enclosed(text: str) -> str:
    """Data in the middle of markup, with a tag right behind it."""
    return enclosed_by_markup(visible(text))
