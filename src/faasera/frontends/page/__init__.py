"""The page in the browser: the service for people."""
