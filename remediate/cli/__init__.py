"""The command line: options, prompts, exit codes. What a command does is in `jobs`."""
