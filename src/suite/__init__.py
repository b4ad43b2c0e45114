"""Which model family wins on your table, and is the win real?"""

__version__ = "0.1.0"
