"""Regular expressions: read as the engine means them that they come from, and written as others read them."""
