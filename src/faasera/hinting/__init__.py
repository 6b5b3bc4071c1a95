"""Suggested values: asked for once, looked at, frozen in a file, and from then on an ordinary list."""
