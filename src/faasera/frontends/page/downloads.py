"""Links to files for people who are signed in: a browser sends no key, so the link is signed, for an hour."""

from urllib.parse import quote

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse, HTMLResponse, StreamingResponse
from itsdangerous import BadSignature, URLSafeTimedSerializer

from faasera.frontends.rest.envelope import failed
from faasera.run.report.page import page
from faasera.service.artifacts import archive, file_of, files_of
from faasera.service.errors import ServiceError, UnauthorizedError
from faasera.service.identity import Identity
from faasera.service.service import Service

_SECONDS = 3600


class Downloads:
    """Signs links, and serves what they lead to."""

    def __init__(self, app: FastAPI, service: Service) -> None:
        self.service = service
        self._signer = URLSafeTimedSerializer(service.store.secret("page-secret"), salt="download")
        app.add_api_route("/report/{token}", self._report, methods=["GET"], include_in_schema=False)
        app.add_api_route("/download/{token}/{name:path}", self._serve, methods=["GET"], include_in_schema=False)

    def link(self, who: Identity, job: str, name: str | None) -> str:
        """The link to a file of a job, or to all of them as an archive."""
        token = self._signer.dumps([who.id, who.project, job, name])
        return f"/download/{token}/{quote(name) if name is not None else f'{job}.zip'}"

    def report_link(self, who: Identity, job: str) -> str:
        """The link to a job's report."""
        return f"/report/{self._signer.dumps([who.id, who.project, job, None])}"

    def _allowed(self, token: str) -> tuple[Identity, str, str | None]:
        """Who may see what, by a link.

        Raises:
            UnauthorizedError: it is not valid, or not any more.
        """
        try:
            key, project, job, file = self._signer.loads(token, max_age=_SECONDS)
        except BadSignature:
            message, remedy = "the link is not valid any more", "Load the page again."
            raise UnauthorizedError("bad-link", message, remedy) from None
        return self.service.keys.by_id(key, project), job, file

    def _report(self, token: str) -> Response:
        try:
            who, job, _ = self._allowed(token)
            return HTMLResponse(page(self.service.job_document(who, job, "report")))
        except ServiceError as error:
            return failed(error)

    def _serve(self, token: str, name: str) -> Response:  # noqa: ARG002
        try:
            who, job, file = self._allowed(token)
        except UnauthorizedError as error:
            return failed(error)
        service = self.service
        found = service.jobs.get(who, job)
        folder = service.workflows.folder(found.id)
        if file is not None:
            path = file_of(found, folder, file)
            return FileResponse(path, media_type="application/octet-stream", filename=path.name)
        files_of(found, folder)
        headers = {"Content-Disposition": f'attachment; filename="{found.id}.zip"'}
        return StreamingResponse(archive(found, folder), media_type="application/zip", headers=headers)
