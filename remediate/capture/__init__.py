"""What was read of Azure → a sandbox world file (docs/reference/worlds.md) that answers the same. Pure."""
