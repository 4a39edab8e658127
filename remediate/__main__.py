"""`python -m remediate`, and the command `remediate`."""

from __future__ import annotations

import sys

from remediate.cli.app import run
from remediate.cli.ending import end
from remediate.show.streams import survive_lost_readers


def main() -> None:
    """Run the command line; ends the process with its exit code."""
    survive_lost_readers()
    end(run(sys.argv[1:], own_process=True))


if __name__ == "__main__":
    main()
