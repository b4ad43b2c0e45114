"""One file, one registry entry: the models that take part."""
