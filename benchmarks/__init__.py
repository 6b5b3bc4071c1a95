"""Figures against other tools, measured side by side."""
