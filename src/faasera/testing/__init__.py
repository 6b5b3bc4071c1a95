"""Suites that show that a generator or a writer keeps its promises."""
