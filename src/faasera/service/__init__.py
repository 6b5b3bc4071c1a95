"""The engine for teams: policies with versions, durable jobs, streams, keys. REST and the page are ways in."""
