"""Existing schemas: what databases, files and models promise, and the policy that keeps it."""
