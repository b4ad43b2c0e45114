"""Files of tables: from bytes to a `Table` whose cells are kept as written."""
