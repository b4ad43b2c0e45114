"""Named tables: the catalogue, the reading of files, and what cleaning changed."""
