"""Every command: its name, the module of this package that declares it, and the first line of its help.

A declaration imports no job, and is itself imported only when its command is run, completed or explained.
"""

from __future__ import annotations

COMMANDS = {
    "completion": ("completion", "Print the completion script of a shell: bash, zsh, fish or powershell."),
    "doctor": ("doctor", "Check what would keep a repair from working, before there is an outage."),
    "explain": ("explain", "Explain CODE: of a finding (link-missing), an exit (5) or an error (not-found)."),
    "guard": ("repair", "Check whether a resource can be deleted without leaving a link behind."),
    "playbooks": ("playbooks", "The guided procedures."),
    "purge": ("repair", "Remove a subnet's service association link that is not used any more."),
    "reconnect": ("repair", "Disconnect an app from its virtual network and connect it again."),
    "resume": (
        "runs",
        "Finish an interrupted run: reads Azure first, and repeats no write that took effect.",
    ),
    "rollback": ("runs", "Put every app of a run back on the subnet that it had."),
    "runs": ("runs", "The runs that changed something, and whether they finished."),
    "sandbox": ("sandbox", "A simulated Azure on this machine, for trying things out."),
    "snapshot": ("snapshot", "Save what Azure says about an app, and compare."),
    "verify": ("repair", "Look at an app's integration and say what is wrong with it."),
    "watch": ("repair", "Verify apps at an interval; report what changed, and keep a snapshot of it."),
}
SECTIONS = {
    "Look (nothing is changed)": ("verify", "guard", "watch", "explain"),
    "Repair": ("reconnect", "purge", "resume", "rollback"),
    "Keep and compare": ("snapshot", "runs", "playbooks"),
    "Practise": ("sandbox",),
    "Set up": ("doctor", "completion"),
}
"""How the help sorts the commands."""
