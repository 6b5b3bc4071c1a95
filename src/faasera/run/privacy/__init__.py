"""Generated data beside real data that a person has: whether anything of anybody is in it."""
