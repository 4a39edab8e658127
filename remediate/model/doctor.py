"""What keeps a repair from working on this machine, with this account: the result of `remediate doctor`."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

CheckResult = Literal["ok", "problem", "unknown"]


class Check(Struct, frozen=True):
    """One thing that was looked at, in one line; `cure` is what to do about it, None where nothing is.

    `notes` are what else was said, such as what each credential answered that was tried.
    """

    name: str
    result: CheckResult
    detail: str
    cure: str | None = None
    notes: tuple[str, ...] = ()


class LackingAction(Struct, frozen=True):
    """An action that the account may not do at a scope.

    `needed` is False where every repair works without it: `use` says what it is for.
    """

    action: str
    scope: str
    use: str
    needed: bool = True


class Doctor(Struct, frozen=True):
    """The document `remediate.doctor/1`: `ready` says that every check is ok.

    `target`, `lacking` and `role` are about the app that was named; `role` is the custom role that the
    account would need, as `az role definition create` takes it.
    """

    ready: bool
    checks: tuple[Check, ...]
    target: str | None = None
    lacking: tuple[LackingAction, ...] = ()
    role: dict[str, Any] | None = None
    schema: Literal["remediate.doctor/1"] = "remediate.doctor/1"
