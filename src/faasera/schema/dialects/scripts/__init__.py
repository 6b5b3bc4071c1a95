"""Scripts of DDL: their statements, applied one after the other to the tables that they make and change."""
