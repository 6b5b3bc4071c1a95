"""Built-in seed lists."""
