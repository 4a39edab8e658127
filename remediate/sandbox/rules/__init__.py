"""The rules of the platform, one file per kind of write (azure-facts.md, 2 and 4)."""
