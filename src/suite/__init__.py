"""Which model family wins on your table, and is the win real?"""

from typing import Any

__version__ = "0.1.0"
__all__ = ["run"]


def __getattr__(name: str) -> Any:
    """Import what `suite` offers when it is first asked for, so that `import suite` stays instant."""
    if name == "run":
        from suite import api

        return getattr(api, name)
    raise AttributeError(f"module 'suite' has no attribute {name!r}")
