"""Who may come in: one service principal with a random secret, and the bearer tokens it was given."""

from __future__ import annotations

import base64
import json
import secrets
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

TENANT = "adfs"
OBJECT_ID = "0b1ec7ed-0000-4000-8000-000000000001"
"""The principal's object id: always the same, so that a world can name it."""
LIFETIME = 3600
"""Seconds for which a token is good."""


def _guid() -> str:
    return str(uuid.uuid4())


@dataclass
class Login:
    """The principal and its tokens. The tenant is `adfs`: then no client asks the public cloud about it."""

    client_id: str = field(default_factory=_guid)
    # Of hexadecimal digits, because `az login -p` takes a leading dash for another option.
    secret: str = field(default_factory=lambda: secrets.token_hex(24))
    object_id: str = OBJECT_ID
    _issued: dict[str, float] = field(default_factory=dict)

    def accepts(self, client_id: str | None, secret: str | None) -> bool:
        """Whether these are the principal's id and secret."""
        return client_id == self.client_id and secrets.compare_digest(secret or "", self.secret)

    def issue(self, origin: str) -> str:
        """A new access token, shaped like a JWT so that a client can show who is signed in."""
        now = int(time.time())
        claims = {
            "aud": origin,
            "iss": f"{origin}/{TENANT}",
            "iat": now,
            "exp": now + LIFETIME,
            "appid": self.client_id,
            "app_displayname": "sandbox-operator",
            "oid": self.object_id,
            "sub": self.object_id,
            "tid": TENANT,
        }
        # The third part is no signature: the token is good because it is on our list.
        token = ".".join([_part({"typ": "JWT", "alg": "HS256"}), _part(claims), secrets.token_urlsafe(32)])
        self._issued[token] = time.time() + LIFETIME
        return token

    def knows(self, authorization: str | None) -> bool:
        """Whether an Authorization header carries a token that we issued and that has not expired."""
        kind, _, token = (authorization or "").partition(" ")
        return kind.casefold() == "bearer" and self._issued.get(token, 0) > time.time()


def _part(data: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()
