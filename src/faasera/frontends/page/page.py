"""All pages of the service."""

from fastapi import FastAPI

from faasera.service.service import Service


def add_page(app: FastAPI, service: Service) -> None:
    """Add the pages to the app of the API."""
