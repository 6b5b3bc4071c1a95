"""The bottom of the house: errors, streams, digests, text; NumPy and PyArrow only."""
