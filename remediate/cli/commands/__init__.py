"""The declaration of every command: its name, options, help and job.

Nothing here imports a job, so that `--help` and completion are fast; `cli.deferred` imports one to call it.
"""

from remediate.cli.commands.playbooks import playbooks
from remediate.cli.commands.repair import guard, purge, reconnect, verify, watch
from remediate.cli.commands.runs import resume, rollback, runs
from remediate.cli.commands.sandbox import sandbox
from remediate.cli.commands.snapshot import snapshot

COMMANDS = (verify, watch, reconnect, purge, guard, resume, rollback, runs, snapshot, playbooks, sandbox)
"""The order does not matter: the help sorts them."""
