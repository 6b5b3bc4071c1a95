"""Databases: how to reach them, what they hold, and how rows get into them fast."""
