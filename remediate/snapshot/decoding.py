"""The bytes of a file as text; what is no text is named."""

from __future__ import annotations

import codecs
import re

from remediate.errors import UsageError

MAX_BYTES = 20 * 1024 * 1024
"""A network with thousands of subnets is much smaller."""

_BINARY = {
    b"%PDF": "it is a PDF document",
    b"PK\x03\x04": "it is a zip archive or an Office document",
    b"\x1f\x8b": "it is a gzip archive",
    b"\x89PNG": "it is a picture",
    b"\xff\xd8\xff": "it is a picture",
    b"GIF8": "it is a picture",
    b"BM": "it is a picture",
    b"\xd0\xcf\x11\xe0": "it is an Office document",
}
"""The first bytes of formats that hold no text; a bitmap begins with letters, and has zero bytes."""
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
"""The colours of `-o jsonc` and of PowerShell 7, and other terminal sequences (ECMA-48)."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


class Unrecognised(UsageError):
    """The file is not the output of a known tool; the message is one line."""

    code = "unrecognised"


def decode(content: bytes) -> str:
    """The text of a file, without terminal sequences. Raises Unrecognised for what is no text."""
    if len(content) > MAX_BYTES:
        raise Unrecognised(f"it is larger than {MAX_BYTES // 1024 // 1024} MB")
    if not content.strip(b"\0 \t\r\n"):
        raise Unrecognised("it is empty")
    for first, what in _BINARY.items():
        if content.startswith(first) and (first != b"BM" or b"\0\0" in content[:64]):
            raise Unrecognised(f"{what}, and no text")
    text = _ESCAPE.sub("", _text(content)).replace("\r\n", "\n").replace("\r", "\n")
    if _CONTROL.search(text):
        raise Unrecognised("it is not text")
    if not text.strip():
        raise Unrecognised("it is empty")
    return text


def _text(content: bytes) -> str:
    """Raises Unrecognised. What is not UTF-8 is Windows-1252, which older programs of Windows write."""
    encoding = _encoding(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8-sig":
            raise Unrecognised(f"it is not text in {encoding.upper()}") from error
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise Unrecognised("it is not text") from error


def _encoding(content: bytes) -> str:
    """By the byte order mark, else by the zero bytes of UTF-16, which Windows PowerShell writes."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if content[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if content[:1] == b"\0" else "utf-8-sig"
