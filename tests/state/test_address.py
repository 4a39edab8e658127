"""Where shared state may be, and who is signed in to it: decided before anything is sent."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from remediate.azure import storage
from remediate.azure.cloud import CLOUDS, Cloud
from remediate.azure.cloud import _from_metadata as from_metadata
from remediate.errors import StoreError
from remediate.redaction import redacted
from remediate.state.address import Address, parse
from remediate.state.blob import BlobStore
from tests.azurite.server import connection_string
from tests.conftest import Azure, Ran

RUN = ("reconnect", "orders-func", "--yes", "-o", "json")
EMULATOR = "azblob://devstoreaccount1/state"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("azblob://account/state", Address("account", "state")),
        ("azblob://account/state/", Address("account", "state")),
        ("azblob://acc0unt/my-state/team/prod", Address("acc0unt", "my-state", "team/prod")),
    ],
)
def test_an_address_is_an_account_a_container_and_perhaps_a_prefix(text: str, address: Address) -> None:
    assert parse(text) == address


WRONG = [
    "azblob://",
    "azblob:///state",
    "azblob://account",
    "azblob://Account/state",
    "azblob://account.blob.core.windows.net/state",
    "azblob://me@account/state",
    "azblob://account/St",
    "azblob://account/my--state",
    "azblob://account/$root",
    "azblob://account/state/../other",
    "azblob://account/state//x",
    "azblob://account/state/x?sig=secret",
    "azblob://account/state\n",
    "s3://bucket/state",
    "https://account.blob.core.windows.net/state",
]


@pytest.mark.parametrize("text", WRONG)
def test_an_address_that_is_wrong_is_refused_before_anybody_signs_in(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], text: str
) -> None:
    simulated = azure("healthy")
    ran = remediate(*RUN, "--state", text)
    assert (ran.code, ran.document["exit"]) == (2, 2)
    assert len([line for line in ran.err.splitlines() if line.startswith("✗ ")]) == 1
    assert simulated.log == []


CONNECTIONS = {
    "garbage": "cannot be understood",
    "AccountName=devstoreaccount1": "neither a key nor a signature",
    connection_string(1).replace("devstoreaccount1", "other"): "is for the account 'other'",
    connection_string(1).replace("127.0.0.1", "storage.example"): "without TLS",
    connection_string(1).replace("127.0.0.1", "10.0.0.1"): "without TLS",
}


@pytest.mark.parametrize(("given", "told"), list(CONNECTIONS.items()))
def test_a_connection_string_that_does_not_fit_is_refused_and_its_key_is_not_told(
    remediate: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, given: str, told: str
) -> None:
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", given)
    ran = remediate("runs", "list", "--state", EMULATOR)
    assert (ran.code, told in ran.err) == (2, True), ran.err
    assert "Eby8vdM02" not in ran.err


def test_a_private_sandbox_keeps_its_runs_to_itself_wherever_the_others_are(
    remediate: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REMEDIATE_STATE", EMULATOR)
    assert remediate("verify", "orders-func", "--sandbox", "healthy").code == 0


def test_what_is_printed_holds_no_key_and_no_signature() -> None:
    signed = "BlobEndpoint=https://account.blob.core.windows.net;SharedAccessSignature=sv=1&sig=Eby8vdM02x"
    for text in (connection_string(1), signed):
        assert "Eby8vdM02" not in redacted(text)


@pytest.mark.parametrize("command", [("runs", "list"), ("verify", "orders-func", "--sandbox", "healthy")])
def test_a_sandbox_has_no_storage_and_says_so(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], command: tuple[str, ...]
) -> None:
    if "--sandbox" not in command:
        azure("healthy")
    ran = remediate(*command, "--state", EMULATOR)
    assert (ran.code, "names no storage" in ran.err) == (2, True), ran.err


def test_without_the_extra_one_line_says_what_to_install(
    remediate: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "azure.storage.blob", None)
    monkeypatch.delitem(sys.modules, "remediate.azure.storage", raising=False)
    monkeypatch.delattr("remediate.azure.storage", raising=False)
    ran = remediate("runs", "list", "-o", "json", "--state", EMULATOR)
    assert (ran.code, ran.document["exit"]) == (2, 2)
    assert ran.document["code"] == "not-installed"
    assert ran.document["hint"].endswith(" install azure-storage-blob")


def test_a_folder_needs_no_storage_sdk() -> None:
    code = (
        "import sys; from remediate.cli.app import run; code = run(['runs', 'list']); "
        "print(code, 'azure.storage' in sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stderr.splitlines()[-1] == "0 False"


class Credential:
    """Gives a token for whatever it is asked, and remembers that."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get_token(self, *scopes: str, **_: Any) -> Any:
        from azure.core.credentials import AccessToken

        self.asked += scopes
        return AccessToken("the-token", 2**40)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[requests.PreparedRequest]]:
    """What goes out instead of on the network, and one answer to all of it."""
    sent: list[requests.PreparedRequest] = []

    def answer(status: int, headers: dict[str, str]) -> list[requests.PreparedRequest]:
        def send(_: HTTPAdapter, request: requests.PreparedRequest, **__: Any) -> requests.Response:
            sent.append(request)
            response = requests.Response()
            response.status_code, response.request, response.url = status, request, request.url or ""
            response.headers.update(headers)
            response.raw = HTTPResponse(io.BytesIO(), headers, status, preload_content=False)
            return response

        monkeypatch.setattr(HTTPAdapter, "send", send)
        return sent

    return answer


def hosts(sent: list[requests.PreparedRequest]) -> set[str]:
    return {str(one.url).split("/runs")[0].split("/state")[0] for one in sent}


SUFFIXES = ("windows.net", "usgovcloudapi.net", "chinacloudapi.cn")


@pytest.mark.parametrize(("cloud", "suffix"), list(zip(CLOUDS, SUFFIXES, strict=True)))
def test_each_cloud_has_storage_hosts_of_its_own(
    cloud: Cloud, suffix: str, wire: Callable[..., list[requests.PreparedRequest]]
) -> None:
    sent, credential = wire(403, {}), Credential()
    with pytest.raises(StoreError, match="Storage Blob Data Contributor"):
        BlobStore(storage.container(cloud, credential, "account", "state")).read("runs/one")
    assert hosts(sent) == {f"https://account.blob.core.{suffix}"}
    assert credential.asked == ["https://storage.azure.com/.default"]


def test_a_redirect_is_not_followed(wire: Callable[..., list[requests.PreparedRequest]]) -> None:
    sent = wire(307, {"Location": "https://elsewhere.example/state"})
    with pytest.raises(StoreError):
        BlobStore(storage.container(CLOUDS[0], Credential(), "account", "state")).read("runs/one")
    assert hosts(sent) == {"https://account.blob.core.windows.net"}


def test_a_host_that_asks_for_another_token_is_given_none(
    wire: Callable[..., list[requests.PreparedRequest]],
) -> None:
    challenge = (
        "Bearer authorization_uri=https://login.microsoftonline.com/tenant/oauth2/authorize "
        "resource_id=https://management.azure.com"
    )
    sent, credential = wire(401, {"WWW-Authenticate": challenge}), Credential()
    with pytest.raises(StoreError):
        BlobStore(storage.container(CLOUDS[0], credential, "account", "state")).read("runs/one")
    assert set(credential.asked) == {"https://storage.azure.com/.default"}
    assert sent


@pytest.mark.parametrize(
    ("suffixes", "known"),
    [
        ({"storage": "local.azurestack.external"}, "local.azurestack.external"),
        ({"storage": "evil.example/path?"}, ""),
        ({"storage": 7}, ""),
        ({}, ""),
        (None, ""),
    ],
)
def test_another_cloud_names_its_storage_in_its_metadata(suffixes: Any, known: str) -> None:
    login = {"loginEndpoint": "https://login.example", "audiences": ["https://arm.example"]}
    document = {"authentication": login, "suffixes": suffixes}
    assert from_metadata("https://arm.example", document).storage == known
