"""The page of error texts: each of them is one that Azure prints, as far as the code knows, or recorded."""

from __future__ import annotations

import ast
import re

from remediate.azure.credentials_tried import Attempt
from tests.test_docs import ROOT

PAGE = (ROOT / "docs/how-to/troubleshooting.md").read_text("utf-8")
REPORTED = {
    "RetryableErrorDueToAnotherOperation",
    "TooManyRequests",
    "ExpiredAuthenticationToken",
    "Regional VNET Integration is unsupported in this scale unit",
}
"""What Azure was reported to say, and the sandbox does not."""


def error_codes(page: str) -> set[str]:
    """The codes in the first column of the tables of Azure's texts."""
    column = re.findall(r"^\| ([^|]*) \|", page, re.MULTILINE)
    return {code for cell in column for code in re.findall(r"`([A-Z][a-z]+[A-Z]\w+)`", cell)}


def texts_of_azure() -> str:
    """Every text in the code that knows what Azure answers, in small letters."""
    return "\n".join(
        node.value.casefold()
        for package in ("azure", "sandbox", "model")
        for file in ROOT.glob(f"remediate/{package}/**/*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def recorded_texts() -> str:
    """What commands printed when they were recorded for the page of screens, without its line breaks."""
    return " ".join((ROOT / "docs/explanation/screens.md").read_text("utf-8").split()).casefold()


def test_every_error_text_of_troubleshooting_is_one_that_is_printed() -> None:
    known = texts_of_azure() + recorded_texts()
    quoted = {part.strip() for text in re.findall("“([^”]+)”", PAGE) for part in text.split("…")}
    listed = error_codes(PAGE) | {part for part in quoted if len(part) > len("in VNET")}
    assert len(listed) > 30
    assert {text for text in listed if text.casefold() not in known} == REPORTED


def test_every_sign_in_code_of_troubleshooting_has_a_cause() -> None:
    codes = set(re.findall(r"AADSTS\d+", PAGE))
    assert len(codes) > 10
    assert {code for code in codes if Attempt("AzureCliCredential", code).cause in (None, "other")} == set()
