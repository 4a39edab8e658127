"""Where runs live: a folder of this machine, written so that a crash leaves nothing half."""
