"""A token that is not accepted while an app is without its network: it is replaced, or waited for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from remediate.azure.session import Session
from remediate.model.failure import RequestFailed

Result = TypeVar("Result")
SignInAgain = Callable[[RequestFailed, list[str]], bool]
"""Of a request whose token was not accepted, and the apps that are without their network."""


class FreshSignIn:
    """Makes calls again with another token: a request whose token is refused changed nothing."""

    def __init__(self, session: Session, ask: SignInAgain, away: Callable[[], list[str]]) -> None:
        self._session = session
        self._ask = ask
        self._away = away
        self._declined = False

    def make(self, call: Callable[[], Result]) -> Result:
        """Make a call: again with a fresh token, then as often as the operator says that somebody signed in.

        Raises the RequestFailed otherwise, and always where no app is without its network.
        """
        renewed = False
        while True:
            try:
                return call()
            except RequestFailed as failure:
                if failure.kind != "unauthenticated" or not self._away():
                    raise
                if renewed and not self._signed_in_again(failure):
                    raise
            renewed = True
            self._session.renew()

    def look(self, look: Callable[[], Result], enough: Callable[[Result], bool]) -> Result:
        """Make a look of a wait. What was not read for the token is no answer to wait for.

        Raises the RequestFailed of that read while apps are without their network and it is not enough.
        """
        self._session.unauthenticated = None
        try:
            seen = look()
        except RequestFailed as failure:
            raise self._refused_token() or failure from failure
        if not enough(seen) and (refused := self._refused_token()):
            raise refused
        return seen

    def _refused_token(self) -> RequestFailed | None:
        return self._session.unauthenticated if self._away() else None

    def _signed_in_again(self, failure: RequestFailed) -> bool:
        """Whether somebody did; who left that question once is not asked again."""
        self._declined = self._declined or not self._ask(failure, self._away())
        return not self._declined
