"""`python -m remediate`, and the command `remediate`."""

from __future__ import annotations

import sys

from remediate.cli.app import run


def main() -> None:
    """Run the command line; ends the process with its exit code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
