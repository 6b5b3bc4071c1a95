"""What a dialect has no words for."""


class UnsayableError(Exception):
    """A dialect cannot say it, or may mean something else by it; the text says why."""
