"""A real Azurite on loopback, in a process of its own; containers for tests, and what is in them."""

from __future__ import annotations

import re
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

from azure.storage.blob import BlobLeaseClient, BlobServiceClient, ContainerClient

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The account and the key that every emulator has; they are printed in its documentation."""
SERVER = Path(__file__).parent / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
NO_GARBAGE_COLLECTION = Path(__file__).parent / "no_garbage_collection.js"
MISSING = "Azurite is not installed: `make tests/azurite/node_modules` does that where npm is"


def is_installed() -> bool:
    return SERVER.exists() and shutil.which("node") is not None


def connection_string(port: int) -> str:
    endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={endpoint};"


class Azurite:
    """Stays up until `close`. It may be older than the SDK, and then answers it all the same."""

    def __init__(self) -> None:
        where = ("--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence")
        node = ("node", "--require", str(NO_GARBAGE_COLLECTION))
        self._process = subprocess.Popen(
            [*node, str(SERVER), *where, "--skipApiVersionCheck", "--disableTelemetry", "--silent"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.port = self._listening()

    def _listening(self) -> int:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := re.search(r"successfully listens on http://127\.0\.0\.1:(\d+)", line):
                return int(found[1])
        raise AssertionError("Azurite ended before it listened")

    def container(self, *, public: bool = False) -> Container:
        client = BlobServiceClient.from_connection_string(connection_string(self.port))
        access = "blob" if public else None
        return Container(client.create_container(f"state-{secrets.token_hex(6)}", public_access=access))

    def pause(self) -> None:
        """From now on connections are taken and nothing is answered."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


class Container:
    """A container as a bystander sees it."""

    def __init__(self, client: ContainerClient) -> None:
        self.client = client

    @property
    def url(self) -> str:
        """What `--state` is given."""
        return f"azblob://{ACCOUNT}/{self.client.container_name}"

    def names(self) -> list[str]:
        return sorted(one.name for one in self.client.list_blobs())

    def content(self, name: str) -> bytes:
        content: bytes = self.client.get_blob_client(name).download_blob().readall()
        return content

    def journals(self) -> dict[str, list[bytes]]:
        """The lines of every journal."""
        found = [name for name in self.names() if name.endswith("journal.jsonl")]
        return {name: self.content(name).splitlines() for name in found}

    def empty(self) -> None:
        for name in self.names():
            self.client.delete_blob(name)

    def break_leases(self) -> int:
        """End every lease at once, as lapsing does a minute after its holder died; how many there were.

        Lapsing takes the service's own minute, for which no test waits.
        """
        leased = [one.name for one in self.client.list_blobs() if one.lease.state == "leased"]
        for name in leased:
            BlobLeaseClient(self.client.get_blob_client(name)).break_lease(lease_break_period=0)
        return len(leased)
