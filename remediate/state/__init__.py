"""Where runs and snapshots are stored: a local folder or a shared blob container. Each write is atomic."""
