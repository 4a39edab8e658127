"""How much code lies between the command and the request that takes an app's network."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import remediate as product
from remediate.azure.transport import BoundedTransport
from tests.conftest import APP, Azure, Ran

PACKAGE = Path(product.__file__).parent
FRAMES, FILES = 10, 6


def test_a_reader_meets_few_frames_in_few_files_on_the_way_to_the_disconnect(
    azure: Callable[..., Azure], remediate: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    azure("healthy")
    send, paths = BoundedTransport.send, list[list[str]]()

    def watched(transport: BoundedTransport, request: Any, **options: Any) -> Any:
        if request.method == "DELETE":
            files = [Path(frame.filename) for frame in traceback.extract_stack()]
            own = [str(file.relative_to(PACKAGE)) for file in files if file.is_relative_to(PACKAGE)]
            paths.append(own[own.index("jobs/reconnect.py") :])
        return send(transport, request, **options)

    monkeypatch.setattr(BoundedTransport, "send", watched)
    assert remediate("reconnect", APP, "--yes").code == 0
    assert len(paths) == 1
    assert len(paths[0]) <= FRAMES, paths
    assert len(set(paths[0])) <= FILES, paths
