"""Types are inspected when a module is imported: threads that did so at once would crash the process."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "remediate"
THREADS = """
import sys, threading
from {module} import {name}

sys.setswitchinterval(1e-6)  # seconds: another thread goes on in the middle of whatever is inspected
start = threading.Barrier(8)
answers = []

def read():
    start.wait()
    answers.append({name}({document}))

threads = [threading.Thread(target=read) for _ in range(8)]
for one in threads:
    one.start()
for one in threads:
    one.join()
assert len(answers) == 8 and all(one == answers[0] for one in answers)
"""
ASSIGNMENT = {
    "name": "locked",
    "properties": {"permissions": [{"actions": ["*"]}], "principals": [{"id": "a"}]},
}
APP = {
    "id": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Web/sites/web",
    "properties": {"outboundVnetRouting": {"allTraffic": True}},
}


@pytest.mark.parametrize(
    ("module", "name", "document"),
    [
        ("remediate.azure.deny_assignments", "deny_assignments", {"value": [ASSIGNMENT] * 3}),
        ("remediate.azure.parse", "app", APP),
    ],
)
def test_threads_that_read_the_first_document_at_once_read_the_same(
    module: str, name: str, document: dict[str, object]
) -> None:
    program = THREADS.format(module=module, name=name, document=document)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_no_type_is_inspected_at_its_first_use() -> None:
    lazily = re.compile(r"msgspec\.convert\(|\bdecode\([^()]*(?:\([^()]*\))?[^()]*type=")
    found = {
        str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.py") if lazily.search(path.read_text())
    }
    assert found == {"converter.py"}
    made_in_a_function = re.compile(r"^ +.*(?:\bConverter\(|\bDecoder\()", re.MULTILINE)
    inside = {one for path in SOURCE.rglob("*.py") for one in made_in_a_function.findall(path.read_text())}
    assert inside == {"        msgspec.json.Decoder("}
