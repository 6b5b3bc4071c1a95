"""The REST API: every call of the service over HTTP, described by OpenAPI 3.1."""
