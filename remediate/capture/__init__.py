"""What was read of Azure → a world file of the sandbox that answers the same. Pure (docs/worlds.md)."""
