"""Keras networks for small tables, trained at compiled speed: import `suite.neural.classifier`."""
