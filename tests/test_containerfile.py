"""The example of a container: what it copies is there, and its `pip` line installs a known extra."""

from __future__ import annotations

import re
import tomllib

from tests.test_docs import ROOT

LINES = (ROOT / "Containerfile").read_text("utf-8").splitlines()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PAGE = (ROOT / "docs/how-to/install.md").read_text("utf-8")


def arguments(instruction: str) -> list[list[str]]:
    """The words after an instruction, a list for each time that it is there."""
    return [line.split()[1:] for line in LINES if line.startswith(f"{instruction} ")]


def test_everything_that_it_copies_is_there() -> None:
    copied = [source for *sources, _ in arguments("COPY") for source in sources]
    assert {"pyproject.toml", "remediate", "playbooks"} <= set(copied)
    assert [source for source in copied if not (ROOT / source).exists()] == []


def test_everything_that_the_build_of_the_wheel_reads_is_copied() -> None:
    read = [PROJECT["project"]["readme"], *PROJECT["project"]["license-files"]]
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    copied = {source for *sources, _ in arguments("COPY") for source in sources}
    assert {*read, *wheel["packages"], *wheel["force-include"], *wheel["shared-data"]} <= copied


def test_it_installs_extras_that_are_there() -> None:
    (extras,) = re.findall(r'pip install .*"/source\[([a-z,]+)\]"', "\n".join(LINES))
    assert set(extras.split(",")) <= set(PROJECT["project"]["optional-dependencies"])


def test_it_has_a_python_that_the_package_supports_and_runs_its_command() -> None:
    ((image,),) = arguments("FROM")
    (version,) = re.findall(r"^python:(3\.\d+)", image)
    assert f"Programming Language :: Python :: {version}" in PROJECT["project"]["classifiers"]
    assert arguments("ENTRYPOINT") == [[f'["{next(iter(PROJECT["project"]["scripts"]))}"]']]


def test_it_does_not_run_as_root() -> None:
    assert arguments("USER") not in ([], [["root"]])


def test_the_page_names_the_version_of_the_wheel() -> None:
    version = re.search(r'__version__ = "(.+)"', (ROOT / "remediate/__init__.py").read_text("utf-8"))
    assert version is not None
    assert set(re.findall(r"vnet_remediate-(\d[^-]*)-py3", PAGE)) == {version[1]}
