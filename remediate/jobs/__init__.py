"""What each command does: read, decide, change, print. Knows neither click nor prompts; `cli` calls it."""
