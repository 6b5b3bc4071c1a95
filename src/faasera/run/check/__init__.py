"""Proof by SQL, in other code than generated the data, that what a run wrote keeps its policy's promises."""
