"""Where runs live: a folder of this machine, or a container that many share; a crash leaves nothing half."""
