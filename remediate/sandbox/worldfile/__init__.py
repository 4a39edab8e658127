"""Worlds as YAML: read, checked with every error at once, and built (docs/reference/worlds.md)."""
