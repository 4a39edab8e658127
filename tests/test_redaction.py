"""No secret is printed or kept: not by --debug, in a traceback, in a journal or in a snapshot."""

from __future__ import annotations

import json
import logging
import os
import traceback
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remediate.cli.invoke import RedactingFormatter
from remediate.redaction import HIDDEN, redacted
from remediate.snapshot.secrets import without_secrets
from tests.conftest import Azure, Ran

_WORD = st.text("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", min_size=36, max_size=36)
_NAMED = (
    "Password={}",
    "Pwd={};Encrypt=true",
    "pwd = {}",
    "Server=tcp:db.example;User ID=me;Password='{}';",
    "AccountName=a;AccountKey={};EndpointSuffix=core.windows.net",
    "Endpoint=sb://bus.example/;SharedAccessKeyName=all;SharedAccessKey={}",
    "SharedAccessSignature=sv=1&sig={}",
    "https://x.example/c?sv=1&sig={}&se=2",
    "https://x.example/api?code={}",
    "https://x.example/?access_token={}",
    "client_secret={}&grant_type=client_credentials",
    "AZURE_CLIENT_SECRET={}",
    "https://user:{}@host.example/path",
    "https://{}@host.example/repo.git",
    "amqps://user:{}@bus.example",
    "https://hooks.slack.com/services/T0/B0/{}",
    "Authorization: Bearer {}",
    "Authorization: SharedKey account:{}",
    "Proxy-Authorization: Basic {}",
    "Bearer {}",
    "x-functions-key: {}",
    "Ocp-Apim-Subscription-Key: {}",
    "x-api-key: {}",
    "Cookie: session={}",
    "Set-Cookie: ARRAffinity={};Path=/",
    "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
)
_SHAPED = (
    "ghp_{}",
    "gho_{}",
    "github_pat_{}",
    "glpat-{}",
    "xoxb-{}",
    "npm_{}",
    "eyJhbGciOiJIUzI1NiJ9.{}.{}",
    "a1B8Q~{}",
)
_FIELDS = (
    "password",
    "clientSecret",
    "client_secret",
    "adminPassword",
    "accountKey",
    "apiKey",
    "access_token",
)
_AROUND = ("", "GET failed: ", "'", '"', "(", "<", "{'url': '", '{"error": {"message": "', "line one\n")


@st.composite
def planted(draw: st.DrawFn) -> tuple[str, str]:
    """A secret, and a text that holds it in one of the forms, anywhere."""
    secret, around = draw(_WORD), draw(st.sampled_from(_AROUND))
    form = draw(st.sampled_from((*_NAMED, *_SHAPED)))
    text = around + form.replace("{}", secret) + draw(st.sampled_from(("", " and more", "\n", "'", '"}}')))
    return secret, text


@st.composite
def planted_in_json(draw: st.DrawFn) -> tuple[str, str]:
    """A secret, and a document or a document within a text that holds it under a telling name."""
    secret, field = draw(_WORD), draw(st.sampled_from(_FIELDS))
    document = {"id": "/subscriptions/a", "properties": [{field: secret}]}
    write = draw(st.sampled_from((json.dumps, repr, lambda one: json.dumps(json.dumps(one)))))
    return secret, write(document)


_RELAXED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=300)


@_RELAXED
@given(st.one_of(planted(), planted_in_json()))
def test_no_line_of_a_log_and_no_traceback_shows_a_secret(case: tuple[str, str]) -> None:
    secret, text = case
    record = logging.LogRecord("azure", logging.DEBUG, "", 0, "%s %s", ("Request:", text), None)
    try:
        raise ValueError(text) from KeyError(text)
    except ValueError as error:
        record.exc_info = (type(error), error, error.__traceback__)
        shown = redacted("".join(traceback.format_exception(error)))
    assert secret not in shown
    assert secret not in RedactingFormatter("%(message)s").format(record)


@_RELAXED
@given(planted(), st.sampled_from(("name", "link", "status", "type", "etag", "tags", "anything")))
def test_no_field_of_a_snapshot_keeps_a_secret(case: tuple[str, str], field: str) -> None:
    secret, text = case
    for document in ({field: text}, {"properties": {field: [text]}}, {"properties": {"more": {field: text}}}):
        assert secret not in json.dumps(without_secrets(document))


@pytest.mark.parametrize(
    "text",
    [
        "The client's key is missing; the token has expired; basic authentication is off",
        "https://management.azure.com/subscriptions/0/resourceGroups/rg?api-version=2025-05-01",
        "see https://user@example.com and https://example.com/a:b@c",
        "status code=404, ErrorCode=ResourceNotFound",
        "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Web/sites/orders-func",
    ],
)
def test_what_is_no_secret_is_shown(text: str) -> None:
    assert redacted(text) == text


SECRET = "q7Wz3nRk9LmVb2XcT5yHd8JfGs4PaEu6oKiA"


@pytest.mark.parametrize("command", [("verify", "orders-func"), ("reconnect", "orders-func", "--yes")])
def test_what_azure_answers_is_printed_and_kept_without_secrets(
    remediate: Callable[..., Ran], azure: Callable[..., Azure], command: tuple[str, ...]
) -> None:
    simulated = azure("healthy")
    told = " | ".join(form.replace("{}", SECRET) for form in (*_NAMED, *_SHAPED)).replace("\n", " ")
    answer = {
        "status": 400,
        "headers": {"x-ms-failure-cause": quote(f"Pwd={SECRET}", safe="= "), "Set-Cookie": f"a={SECRET}"},
        "body": {"error": {"code": "BadRequest", "message": told, "password": SECRET}},
    }
    simulated.fault(
        {"match": {"method": "GET", "path": "/virtualNetworkConnections$"}, "times": 0, "answer": answer},
        {"match": {"method": "PATCH|PUT", "path": "/orders-func"}, "times": 2, "answer": answer},
    )
    ran = remediate(*command, "--debug", "-v", "--poll-interval", "0.02", "--timeout", "2")
    kept = [one.read_text() for one in Path(os.environ["REMEDIATE_STATE"]).rglob("*.json*")]
    assert HIDDEN in ran.err
    assert SECRET not in ran.out + ran.err + "".join(kept)
