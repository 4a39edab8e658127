"""The face: options, prompts, exit codes. Imports no Azure SDK until a command needs one."""
