"""What an error of the network means, from its text alone; numbers in it that are no status mean nothing."""

from __future__ import annotations

import pytest

from remediate.azure.network_failure import diagnose

OBJECT = "<urllib3.connection.HTTPSConnection object at 0x7f5584074070>"


@pytest.mark.parametrize(
    ("text", "through_proxy", "reason"),
    [
        (f"ReadTimeoutError: {OBJECT}: Read timed out.", True, "proxy-silent"),
        (
            f"ProxyError('Unable to connect to proxy', TimeoutError('timed out')) {OBJECT}",
            True,
            "proxy-silent",
        ),
        (f"{OBJECT} port=40700: Connection refused, unable to connect to proxy", True, "proxy-refused"),
        ("Tunnel connection failed: 407 Proxy Authentication Required", True, "proxy-denied"),
        ("Tunnel connection failed: 503 Service Unavailable", True, "proxy-denied"),
        ("407 Proxy Authentication Required", True, "proxy-denied"),
        ("Unable to connect to proxy: Remote end closed connection without response", True, "proxy-denied"),
        (
            f"{OBJECT}: Failed to resolve 'proxy.invalid'; unable to connect to proxy",
            True,
            "proxy-name-unknown",
        ),
        (f"{OBJECT}: [Errno 111] Connection refused", False, "refused"),
        (
            f"{OBJECT}: Failed to resolve 'arm.invalid' ([Errno -2] Name or service not known)",
            False,
            "name-unknown",
        ),
        (f"{OBJECT}: Read timed out. (read timeout=1.2)", False, "silent"),
        ("('Connection aborted.', RemoteDisconnected('Remote end closed connection'))", False, "closed"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", False, "no-tls"),
        ("something else", False, "other"),
    ],
)
def test_a_text_has_one_reason(
    monkeypatch: pytest.MonkeyPatch, text: str, through_proxy: bool, reason: str
) -> None:
    for name in ("NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    if through_proxy:
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:40700")
    assert diagnose(OSError(text), "https://arm.invalid/x").reason == reason
