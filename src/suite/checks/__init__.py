"""What in a table would make its scores mean something else: columns that name the rows or tell the answer."""

from suite.checks.examination import Audit, examine

__all__ = ["Audit", "examine"]
