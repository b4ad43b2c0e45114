"""The commands: a module each, which is imported when it is asked for."""

from suite.commands.exit import main

__all__ = ["main"]
