"""Links to files for people who are signed in: a browser sends no key, so the link is signed, for an hour."""

from urllib.parse import quote

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse, StreamingResponse
from itsdangerous import BadSignature, URLSafeTimedSerializer

from faasera.frontends.rest.envelope import failed
from faasera.service.artifacts import archive, file_of, files_of
from faasera.service.errors import UnauthorizedError
from faasera.service.identity import Identity
from faasera.service.service import Service

_SECONDS = 3600


class Downloads:
    """Signs links, and serves what they lead to."""

    def __init__(self, app: FastAPI, service: Service) -> None:
        self.service = service
        self._signer = URLSafeTimedSerializer(service.store.secret("page-secret"), salt="download")
        app.add_api_route("/download/{token}/{name:path}", self._serve, methods=["GET"], include_in_schema=False)

    def link(self, who: Identity, job: str, name: str | None) -> str:
        """The link to a file of a job, or to all of them as an archive."""
        token = self._signer.dumps([who.id, who.project, job, name])
        return f"/download/{token}/{quote(name) if name is not None else f'{job}.zip'}"

    def _serve(self, token: str, name: str) -> Response:  # noqa: ARG002
        try:
            key, project, job, file = self._signer.loads(token, max_age=_SECONDS)
        except BadSignature:
            return failed(UnauthorizedError("bad-link", "the link is not valid any more", "Load the page again."))
        service = self.service
        who = service.keys.by_id(key, project)
        found = service.jobs.get(who, job)
        folder = service.workflows.folder(found.id)
        if file is not None:
            path = file_of(found, folder, file)
            return FileResponse(path, media_type="application/octet-stream", filename=path.name)
        files_of(found, folder)
        headers = {"Content-Disposition": f'attachment; filename="{found.id}.zip"'}
        return StreamingResponse(archive(found, folder), media_type="application/zip", headers=headers)
