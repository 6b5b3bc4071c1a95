"""What catalogues are told of a run: its datasets, where each column came from, and what is synthetic."""
