"""Searching for parameters, and weighing what was found; pure: no cell is run here, and nothing is read or written."""
