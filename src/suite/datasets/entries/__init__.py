"""The data sets that have a name: each module holds one or more entries of the catalogue."""
