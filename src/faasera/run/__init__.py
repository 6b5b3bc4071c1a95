"""From a plan to rows, files and a manifest."""
