"""The doing of a run: cells placed in child processes with hard limits."""
