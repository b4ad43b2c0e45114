"""A look at a model of the user's before any cell: a supervised child imports and builds it.

Run as ``python -P -m suite.models.probing`` under `suite.supervision`. A job is ``{"model": REF}``, or ``{"model":
null}`` with a pickled object beside it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from suite import threads
from suite.disk import remove_tree
from suite.errors import UsageError, in_one_line
from suite.features import native_draws, scaled_draws
from suite.models import own, plugin
from suite.schema import Context, LiveModel, ModelRef, Preprocessing, Task
from suite.supervision.stack import is_of_the_user


class Probed(NamedTuple):
    """What a look at a model of the user's found."""

    packages: tuple[str, ...]
    """The distributions that it has imported by then, sorted."""
    features: Preprocessing
    seeded: bool
    """Whether it takes the run's seed."""

    def moves_with_seed(self, task: Task) -> bool:
        """Tell whether two seeds can give different predictions, by the model or by its features."""
        draws = {"scaled": scaled_draws, "native": native_draws}.get(self.features)
        return self.seeded or (draws is not None and draws(task))


COMMAND = (sys.executable, "-P", "-m", "suite.models.probing")


def probe(model: ModelRef, limit_s: float = plugin.START_S, memory_mb: float | None = None) -> Probed:
    """Check in a child process that a model of the user's imports and makes a classifier.

    The memory limit is in MB (10**6 bytes); 2 GB are allowed in any case. Whatever it starts is ended with the child.

    Raises
    ------
    UsageError
        If it does not, with the reason, or does not within the limits.
    """
    # In a notebook a factory may be edited between two runs.
    version = model.version if isinstance(model, LiveModel) else plugin.source_digest(model)
    return _probe(model, version, limit_s, memory_mb)


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="suite-probe-"))
    try:
        yield folder
    finally:
        remove_tree(folder)


@cache
def _probe(model: ModelRef, version: str, limit_s: float, memory_mb: float | None) -> Probed:
    from suite.supervision.supervise import Child
    from suite.supervision.verdict import Ending, Limits

    if isinstance(model, LiveModel):
        what, ref, pickled = f"model {model.name!r}", None, model.pickled
    else:
        what, ref, pickled = f"factory {model!r}", model, b""
    environment = {**threads.environment(1), **plugin.environment(), "SUITE_DATA": ""}
    with (
        _folder() as folder,
        Child(COMMAND, cwd=folder, env=environment, startup_limit=limit_s) as child,
    ):
        child.submit({"model": ref}, pickled, limits=Limits(prepare_s=limit_s, memory_mb=memory_mb))
        happened: list[Any] = []
        while child.busy:
            happened += child.wait()
    outcome: Ending = happened[-1]
    if outcome.status == "timeout":
        why = f", which are the time limit and {plugin.IMPORT_S:g} s for imports"
        raise UsageError(
            f"{what} was not imported and built within {limit_s:g} s{why if limit_s != plugin.START_S else ''}"
        )
    if outcome.status != "ok":
        cause, *said = outcome.message.splitlines()
        raise UsageError(f"{what} {': '.join([cause, *said[-1:]])}")
    if refused := outcome.header.get("refused"):
        raise UsageError(f"{what}: {refused}")
    header = outcome.header
    return Probed(tuple(header["packages"]), header["features"], header["seeded"])


def main() -> None:
    """Serve until the parent closes the connection."""
    import numpy  # noqa: F401  # what every model needs is no part of what its import may take

    from suite.supervision.link import Link

    link = Link.inherited()
    link.ready()
    for job in link.jobs():
        ref = job.header["model"]
        model = ref or LiveModel(name="", version="", pickled=bytes(job.payload))
        try:
            params = plugin.factory_spec(model).params
            built = plugin.build(model, plugin.probe_task(), Context(seed=0, threads=1), params)
            if params:
                own.validate(built.model)
            link.finish({"packages": _packages(), "features": built.features, "seeded": built.seeded})
        except UsageError as error:
            link.finish({"refused": str(error)})
        except Exception as error:
            link.finish({"refused": _told(error)})


def _told(error: Exception) -> str:
    """Return an exception in one line, with the line of the user's code that it came from."""
    import traceback

    first = in_one_line(type(error).__name__, error)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        # What a compiled module calls its file is not there.
        if file.is_file() and is_of_the_user(frame.filename):
            return f"{first} ({file.name}, line {frame.lineno})"
    return first


def _packages() -> list[str]:
    """Return the distributions behind the modules of this process; what is run from its source has none."""
    from importlib import metadata

    imported = {name.partition(".")[0] for name in sys.modules}
    found = {
        distribution
        for module, distributions in metadata.packages_distributions().items()
        if module in imported
        for distribution in distributions
    }
    return sorted(found - {"tabular-suite"})


if __name__ == "__main__":
    main()
