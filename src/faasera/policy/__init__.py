"""The policy document: strict models, and all problems at once."""
