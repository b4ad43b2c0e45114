"""Columns of a table: what each one is, and its values as a model takes them."""
