"""Plug-ins as somebody else would write them: a module each, found by their entry points."""
