"""Both of Azure's error envelopes end as the one kind that azure-facts.md, 3 gives them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediate.azure.failure import classify, envelope, from_error
from remediate.model.failure import RequestFailed

WEB_LOCK = {
    "Code": "429",
    "Message": "Cannot acquire exclusive lock to create, update or delete this site.",
    "Details": [{"Message": "…"}, {"Code": "429"}, {"ErrorEntity": {"ExtendedCode": "59206"}}],
}
LIMIT = "Adding this VNET would exceed the App Service Plan VNET limit of 2."
OCCUPIED = "Subnet S in VNET V is already occupied by service /sub/serverfarms/P."


def arm(code: str, message: str = "") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (504, arm("GatewayTimeout"), "timeout"),
        (404, arm("ResourceNotFound"), "absent"),
        (404, arm("ResourceGroupNotFound"), "unproved"),
        (404, arm("NotFound"), "unproved"),
        (404, None, "unproved"),
        (404, arm("SubscriptionNotFound"), "not-visible"),
        (401, arm("InvalidAuthenticationTokenTenant"), "not-visible"),
        (404, arm("subscriptionNotFound"), "not-visible"),
        (429, WEB_LOCK, "exclusive-lock"),
        (429, arm("RetryableError"), "busy"),
        (429, arm("RetryableErrorDueToAnotherOperation"), "busy"),
        (429, arm("TooManyRequests"), "throttled"),
        (429, arm("SubscriptionRequestsThrottled"), "throttled"),
        (409, arm("Conflict", "Cannot modify this site because another operation is in progress."), "busy"),
        (409, {"Code": "Conflict", "Message": LIMIT}, "plan-limit"),
        (409, {"Code": "Conflict", "Message": OCCUPIED}, "occupied"),
        (400, {"Code": "BadRequest", "Message": OCCUPIED}, "occupied"),
        (400, {"Code": "BadRequest", "Message": "S is missing a delegation to Microsoft.Web"}, "delegation"),
        (403, arm("LinkedAuthorizationFailed"), "denied"),
        (403, arm("AuthorizationFailed"), "denied"),
        (401, arm("InvalidAuthenticationToken"), "unauthenticated"),
        (409, arm("ScopeLocked"), "locked"),
        (403, arm("RequestDisallowedByPolicy"), "policy"),
        (400, arm("InUseSubnetCannotBeDeleted"), "in-use"),
        (404, arm("ResourceNotFound"), "absent"),
        (412, arm("PreconditionFailed"), "moved"),
        (500, arm("InternalServerError"), "broken"),
        (503, None, "broken"),
        (400, arm("BadRequest", "no"), "refused"),
        (400, {"code": "BadRequest", "message": "S is missing a delegation to Microsoft.Web"}, "delegation"),
        (302, None, "unreadable"),
    ],
)
def test_an_answer_becomes_its_kind(status: int, body: Any, kind: str) -> None:
    assert classify(status, *envelope(body)) == kind


def test_retryable_and_outcome_unknown_are_two_different_things() -> None:
    assert RequestFailed("exclusive-lock", "").retryable
    assert not RequestFailed("exclusive-lock", "").outcome_unknown
    assert RequestFailed("timeout", "").outcome_unknown
    assert not RequestFailed("timeout", "").retryable


def test_a_failure_says_status_code_and_message() -> None:
    failure = RequestFailed("refused", "the subnet is full", status=409, azure_code="Conflict")
    assert str(failure) == "409 Conflict: the subnet is full"


def test_a_programming_error_in_an_answer_is_unreadable_and_one_line() -> None:
    failure = from_error(KeyError("id\nforged line"))
    assert failure.kind == "unreadable"
    assert "\n" not in str(failure)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "code", "message", "Code", "Details", "ErrorEntity"]), inner
        )
    ),
    max_leaves=8,
)


@given(status=st.integers(100, 599), body=JSON)
def test_no_answer_is_too_strange_to_be_classified(status: int, body: Any) -> None:
    assert classify(status, *envelope(body))
