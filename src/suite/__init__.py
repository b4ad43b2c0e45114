"""Which model family wins on your table, and is the win real?"""

from suite.version import __version__

TYPE_CHECKING = False
"""As in `typing`, which imports what a user's file may shadow before `__main__` has set the path right."""
if TYPE_CHECKING:
    from suite.api import audit, compare, export, load_model, run
    from suite.errors import DataError, ModelFailedWarning, SuiteError, UnknownName, UsageError
    from suite.results import Results

__all__ = [
    "DataError",
    "ModelFailedWarning",
    "Results",
    "SuiteError",
    "UnknownName",
    "UsageError",
    "__version__",
    "audit",
    "compare",
    "export",
    "load_model",
    "run",
]
_HOMES = dict.fromkeys(("audit", "compare", "export", "load_model", "run"), "api") | {"Results": "results"}


def __getattr__(name: str) -> object:
    """Import what `suite` offers when it is first asked for, so that `import suite` stays instant."""
    if name in __all__:
        from importlib import import_module

        return getattr(import_module(f"suite.{_HOMES.get(name, 'errors')}"), name)
    raise AttributeError(f"module 'suite' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
