"""The arithmetic of a lease and of one call to the service, on a clock and a service of the test's own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ServiceRequestError,
    ServiceResponseError,
)

from remediate.errors import StoreError
from remediate.state import lease as leases
from remediate.state import service as services
from remediate.state.lease import Lease
from remediate.state.service import StorageCalls, error_code, is_transient, store_errors
from remediate.state.store import LockHeld
from tests.state.test_store import HOLDER


class Times:
    """Both clocks, which may disagree: the monotonic one may stop while a machine sleeps."""

    def __init__(self) -> None:
        self.monotonic = self.wall = 1000.0

    def advance(self, monotonic: float, wall: float | None = None) -> None:
        self.monotonic += monotonic
        self.wall += monotonic if wall is None else wall


def refusal(status: int, code: str = "") -> HttpResponseError:
    error = (ResourceExistsError if status == 409 and code == "BlobAlreadyExists" else HttpResponseError)(
        code
    )
    error.status_code = status
    error.error_code = code  # type: ignore[attr-defined]
    return error


class Blob:
    """A blob and its lease: each method raises what is waiting for it, and notes that it was called."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.options: dict[str, Any] = {}
        self.errors: dict[str, list[Exception]] = {}
        self.content = b""

    def _called(self, method: str, options: dict[str, Any]) -> None:
        self.calls.append(method)
        self.options = options
        if waiting := self.errors.get(method):
            raise waiting.pop(0)

    def upload_blob(self, content: bytes, **options: Any) -> None:
        self._called("upload" if content else "create", options)
        self.content = content

    def delete_blob(self, **options: Any) -> None:
        self._called("delete", options)

    def download_blob(self, **options: Any) -> Any:
        self._called("download", options)
        return type("Download", (), {"readall": lambda _: self.content})()

    def acquire(self, **options: Any) -> None:
        self._called("acquire", options)

    def renew(self, **options: Any) -> None:
        self._called("renew", options)


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> Times:
    times = Times()
    monkeypatch.setattr(leases, "_now", lambda: (times.monotonic, times.wall))
    return times


@pytest.fixture
def blob(monkeypatch: pytest.MonkeyPatch, times: Times) -> Iterator[Blob]:
    """Nothing is renewed by itself, and nothing is repeated."""
    blob = Blob()
    monkeypatch.setattr(leases, "BlobLeaseClient", lambda *_, **__: blob)
    monkeypatch.setattr(Lease, "_renew_until_released", lambda _: None)
    monkeypatch.setattr(services, "CALL_LIMIT", 0.0)
    yield blob


@pytest.fixture
def take(blob: Blob) -> Callable[[], Lease]:
    return lambda: Lease(blob, StorageCalls(), HOLDER)  # type: ignore[arg-type]


def test_a_lease_is_asked_for_a_minute_on_a_blob_that_is_created_first(
    blob: Blob, take: Callable[[], Lease]
) -> None:
    blob.errors["create"] = [refusal(409, "BlobAlreadyExists")]
    take()
    assert blob.calls == ["create", "acquire", "upload"]
    assert msgspec.json.decode(blob.content, type=type(HOLDER)) == HOLDER
    assert leases.LEASE_SECONDS == 60
    assert leases.RENEW_EVERY * 3 < leases.LEASE_SECONDS


def test_a_lock_whose_blob_is_removed_in_between_is_asked_for_again(
    blob: Blob, take: Callable[[], Lease]
) -> None:
    blob.errors["acquire"] = [refusal(404, "BlobNotFound")]
    take()
    assert blob.calls == ["create", "acquire", "create", "acquire", "upload"]


def test_who_holds_the_lock_is_named_where_it_can_be_read(blob: Blob, take: Callable[[], Lease]) -> None:
    blob.content = msgspec.json.encode(HOLDER)
    blob.errors = {
        "acquire": [refusal(409, "LeaseAlreadyPresent")],
        "create": [refusal(409, "BlobAlreadyExists")],
    }
    with pytest.raises(LockHeld, match=r"ada on desk since .* its lock expires within 60 s") as held:
        take()
    assert held.value.holder == HOLDER
    for unreadable in (b"", b"{", b"{}"):
        blob.content = unreadable
        blob.errors = {
            "acquire": [refusal(409, "LeaseAlreadyPresent")],
            "create": [refusal(409, "BlobAlreadyExists")],
        }
        with pytest.raises(LockHeld, match="somebody holds the lock"):
            take()
    blob.errors = {
        "acquire": [refusal(409, "LeaseAlreadyPresent")],
        "create": [refusal(409, "BlobAlreadyExists")],
        "download": [refusal(404, "BlobNotFound")],
    }
    with pytest.raises(LockHeld, match="somebody holds the lock"):
        take()


def test_any_other_answer_is_an_error(blob: Blob, take: Callable[[], Lease]) -> None:
    blob.errors["acquire"] = [refusal(403, "AuthorizationFailure")]
    with pytest.raises(HttpResponseError):
        take()


def test_a_holder_that_cannot_be_written_keeps_nobody_from_the_lock(
    blob: Blob, take: Callable[[], Lease]
) -> None:
    blob.errors["upload"] = [ValueError("x")]
    take().check()


@pytest.mark.parametrize(
    ("advance", "asks"),
    [
        ((0.0, None), False),
        ((2.0, None), False),
        ((2.1, None), True),
        ((0.0, 2.1), True),
        ((2.1, -9.0), True),
    ],
)
def test_whether_a_lock_is_held_is_asked_where_the_last_renewal_is_two_seconds_old_by_either_clock(
    blob: Blob, take: Callable[[], Lease], times: Times, advance: tuple[float, float | None], asks: bool
) -> None:
    lease = take()
    times.advance(*advance)
    blob.calls.clear()
    lease.confirm()
    assert blob.calls == (["renew"] if asks else [])
    lease.confirm()
    assert blob.calls == (["renew"] if asks else [])


@pytest.mark.parametrize("status", [404, 409, 412])
def test_a_renewal_that_says_that_the_lease_is_not_ours_loses_it_at_once(
    blob: Blob, take: Callable[[], Lease], times: Times, status: int
) -> None:
    lease = take()
    times.advance(3)
    blob.errors["renew"] = [refusal(status)]
    with pytest.raises(
        StoreError, match="the lock on this link is lost: another process broke it or acquired it"
    ):
        lease.confirm()
    blob.calls.clear()
    with pytest.raises(StoreError, match="is lost"):
        lease.check()
    with pytest.raises(StoreError, match="is lost"):
        lease.confirm()
    lease.release()
    assert blob.calls == []


@pytest.mark.parametrize(
    ("seconds", "lost"), [((3, None), False), ((60, None), False), ((61, None), True), ((3, 61), True)]
)
@pytest.mark.parametrize(
    "error", [refusal(503), refusal(403), refusal(411), refusal(413), ServiceRequestError("no")]
)
def test_a_renewal_that_fails_otherwise_loses_the_lease_once_its_minute_is_over(
    blob: Blob,
    take: Callable[[], Lease],
    times: Times,
    error: Exception,
    seconds: tuple[float, float | None],
    lost: bool,
) -> None:
    lease = take()
    times.advance(*seconds)
    blob.errors["renew"] = [error]
    if lost:
        with pytest.raises(StoreError, match="it could not be renewed for 60 s"):
            lease.confirm()
    else:
        lease.confirm()
        lease.confirm()
        assert blob.calls.count("renew") == 2  # the one that failed renewed nothing


def test_a_renewal_counts_from_when_it_was_asked_for(
    blob: Blob, take: Callable[[], Lease], times: Times, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = take()
    times.advance(3)
    with monkeypatch.context() as patch:
        patch.setattr(blob, "renew", lambda **_: times.advance(30))
        lease.confirm()
    blob.errors["renew"] = [refusal(503)]
    times.advance(31)
    with pytest.raises(StoreError, match="could not be renewed"):
        lease.confirm()


def test_a_lease_counts_from_when_it_was_asked_for(
    blob: Blob, times: Times, take: Callable[[], Lease], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(blob, "acquire", lambda **_: times.advance(30))
        lease = take()
    blob.errors["renew"] = [refusal(503)]
    times.advance(31)
    with pytest.raises(StoreError, match="could not be renewed"):
        lease.confirm()


def test_a_lock_is_released_once_and_its_blob_removed_with_it(blob: Blob, take: Callable[[], Lease]) -> None:
    lease = take()
    blob.errors["delete"] = [ValueError("x")]
    lease.release()
    assert blob.calls[-1] == "delete"
    assert blob.options["lease"] is blob
    blob.calls.clear()
    lease._renew()
    assert blob.calls == []


class Answers:
    """A call that is answered as the list says; notes the limits of each attempt."""

    def __init__(self, *answers: Exception | str) -> None:
        self._answers = iter(answers)
        self.seconds: list[float] = []

    def __call__(self, **limits: Any) -> str:
        assert limits["connection_timeout"] == limits["read_timeout"]
        assert limits["retry_total"] == 0
        self.seconds.append(limits["read_timeout"])
        found = next(self._answers)
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses between two attempts take no time."""
    monkeypatch.setattr(services, "wait_exponential", lambda **_: lambda _: 0)


@pytest.mark.usefixtures("no_waits")
def test_a_call_is_repeated_until_it_is_answered() -> None:
    answers = Answers(refusal(503), ServiceRequestError("no"), "yes")
    assert StorageCalls().call(answers) == "yes"
    assert answers.seconds == [services.ANSWER_LIMIT] * 3


def test_a_refusal_is_not_repeated_and_does_not_shorten_the_next_call() -> None:
    service, answers = StorageCalls(), Answers(refusal(403), "yes")
    with pytest.raises(HttpResponseError):
        service.call(answers)
    assert service.call(answers) == "yes"
    assert answers.seconds == [services.ANSWER_LIMIT] * 2


@pytest.mark.usefixtures("no_waits")
def test_where_the_service_did_not_answer_each_call_is_tried_once_until_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(services, "CALL_LIMIT", 0.0)
    service = StorageCalls()
    answers = Answers(refusal(503), refusal(503), "yes", "yes")
    for _ in range(2):
        with pytest.raises(HttpResponseError):
            service.call(answers)
    monkeypatch.setattr(services, "CALL_LIMIT", 8.0)
    assert [service.call(answers), service.call(answers)] == ["yes", "yes"]
    assert answers.seconds == [4.0, 2.0, 2.0, 4.0]
    failing = Answers(refusal(503), refusal(503), "never")
    monkeypatch.setattr(services, "CALL_LIMIT", 0.0)
    with pytest.raises(HttpResponseError):
        service.call(failing)
    monkeypatch.setattr(services, "CALL_LIMIT", 8.0)
    with pytest.raises(HttpResponseError):
        service.call(failing)
    assert len(failing.seconds) == 2


def test_a_call_that_is_tried_once_is_short_and_changes_nothing_for_others() -> None:
    service, once, others = StorageCalls(), Answers(refusal(503)), Answers("yes")
    with pytest.raises(HttpResponseError):
        service.call_once(once)
    service.call(others)
    assert (once.seconds, others.seconds) == ([2.0], [4.0])


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (ServiceRequestError("no"), True),
        (ServiceResponseError("no"), True),
        *((refusal(one), True) for one in (408, 429, 500, 503, 599)),
        *((refusal(one), False) for one in (400, 403, 404, 407, 409, 412, 428, 430, 499)),
        (HttpResponseError("no status"), False),
        (AzureError("x"), False),
        (ValueError("x"), False),
    ],
)
def test_only_what_may_pass_is_repeated(error: Exception, transient: bool) -> None:
    assert is_transient(error) is transient


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (refusal(404, "ContainerNotFound"), "the container does not exist; create it first"),
        (
            refusal(403, "AuthorizationFailure"),
            "403 AuthorizationFailure: the role Storage Blob Data Contributor",
        ),
        (refusal(401), "401: the role Storage Blob Data Contributor"),
        (refusal(402, "Odd"), "402 Odd: Odd"),
        (ClientAuthenticationError("expired\nmore"), "not signed in: expired"),
        (ServiceRequestError("refused"), "no answer: refused"),
        (ValueError("odd"), "unreadable answer: odd"),
        (ValueError(), "unreadable answer: ValueError"),
        (ValueError("x" * 999), f"unreadable answer: {'x' * 300}"),
    ],
)
def test_every_error_becomes_one_line_that_says_what_failed_and_why(error: Exception, told: str) -> None:
    with pytest.raises(StoreError) as raised, store_errors("cannot read x"):
        raise error
    assert str(raised.value).startswith(f"cannot read x: {told}")
    assert len(str(raised.value)) < 400
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("error", [StoreError("ours"), LockHeld(HOLDER)])
def test_an_error_of_ours_stays_as_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, store_errors("cannot read x"):
        raise error
    assert raised.value is error


def test_the_code_of_an_error_is_text_also_where_the_sdk_has_an_enumeration() -> None:
    assert error_code(ValueError("x")) == ""
    for code in ("BlobNotFound", type("Code", (), {"value": "BlobNotFound"})()):
        error = refusal(404)
        error.error_code = code  # type: ignore[attr-defined]
        assert error_code(error) == "BlobNotFound"


def test_ages_are_by_the_clock_that_advanced_more(times: Times) -> None:
    then = leases._now()
    for monotonic, wall in itertools.product((0.0, 5.0), (-3.0, 9.0)):
        times.advance(monotonic, wall)
    assert leases._age(then) == 12.0
    assert leases._age((times.monotonic, times.wall - 1)) == 1.0
