"""What a run made, to be read by people: as a page, as Markdown, as data."""
