"""The only room that changes anything."""
