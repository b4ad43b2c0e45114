"""Which model family wins on your table, and is the win real?"""

from typing import Any

from suite.version import __version__

__all__ = ["__version__", "run"]


def __getattr__(name: str) -> Any:
    """Import what `suite` offers when it is first asked for, so that `import suite` stays instant."""
    if name == "run":
        from suite import api

        return getattr(api, name)
    raise AttributeError(f"module 'suite' has no attribute {name!r}")
