"""The figures of a board: a file each."""
