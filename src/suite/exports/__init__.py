"""A model as a folder that one can take home: files without pickle, what prepares a new table, and a model card."""
