"""Object stores for tests: a server that speaks the protocol of S3, on a port of its own."""

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass

from moto.server import ThreadedMotoServer
from pyarrow import fs

KEY, SECRET = "somebody", "hush-hush"


@dataclass
class Store:
    """A running store with one bucket, ``exports``."""

    address: str
    system: fs.S3FileSystem

    @property
    def environment(self) -> dict[str, str]:
        """What a program has to know to use it."""
        return {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_ENDPOINT_URL": f"http://{self.address}",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def names(self, below: str = "") -> list[str]:
        """The objects in the bucket, without the markers of folders."""
        selector = fs.FileSelector(f"exports/{below}".rstrip("/"), recursive=True, allow_not_found=True)
        return sorted(
            entry.path.removeprefix("exports/") for entry in self.system.get_file_info(selector) if entry.is_file
        )

    def read(self, name: str) -> bytes:
        """An object."""
        with self.system.open_input_stream(f"exports/{name}") as stream:
            return stream.read()

    def put(self, name: str, content: bytes) -> None:
        """A new object."""
        with self.system.open_output_stream(f"exports/{name}") as stream:
            stream.write(content)


@contextlib.contextmanager
def s3() -> Iterator[Store]:
    """A store, empty but for its bucket."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    system = fs.S3FileSystem(
        access_key=KEY,
        secret_key=SECRET,
        endpoint_override=f"{host}:{port}",
        scheme="http",
        region="us-east-1",
        allow_bucket_creation=True,
    )
    system.create_dir("exports")
    try:
        yield Store(f"{host}:{port}", system)
    finally:
        system.delete_dir_contents("exports")
        server.stop()
