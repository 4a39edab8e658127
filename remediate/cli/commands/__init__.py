"""How every command is called: its name, options and help. Nothing here imports what a command does.

So `--help` and completion wait for none of it; `cli.deferred` imports the code of the command that runs.
"""

from remediate.cli.commands.playbooks import playbooks
from remediate.cli.commands.repair import guard, purge, reconnect, verify, watch
from remediate.cli.commands.runs import resume, rollback, runs
from remediate.cli.commands.sandbox import sandbox
from remediate.cli.commands.snapshot import snapshot

COMMANDS = (verify, watch, reconnect, purge, guard, resume, rollback, runs, snapshot, playbooks, sandbox)
"""In no order that counts: the help sorts them."""
