"""The commands: each module adds one to the parser and runs it."""
