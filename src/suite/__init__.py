"""Which model family wins on your table, and is the win real?"""

from suite.version import __version__

TYPE_CHECKING = False
"""As in `typing`, which imports what a user's file may shadow before `__main__` has set the path right."""
if TYPE_CHECKING:
    from suite.api import run

__all__ = ["__version__", "run"]


def __getattr__(name: str) -> object:
    """Import what `suite` offers when it is first asked for, so that `import suite` stays instant."""
    if name == "run":
        from suite import api

        return getattr(api, name)
    raise AttributeError(f"module 'suite' has no attribute {name!r}")
