"""Programs that were compiled before, by this process or another: for trainings whose time is not compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from suite.neural.programs import Programs

NOTE = "its program was compiled before"
_ran: set[str] = set()
"""Programs that XLA has in this process."""


class Reuse:
    """One use of a program: found by what it computes, or else compiled and kept."""

    def __init__(self) -> None:
        self._programs = Programs.of_this_process()
        self._name: str | None = None
        self.is_hit = False

    def call(self, function: Callable[..., Any], *args: Any) -> Any:
        """Add a call of the function to the graph that is being built, to be compiled by XLA."""
        try:
            from suite.neural.canonical import Canonical

            program = Canonical(function, *args)
            outputs = program()
        except Exception:
            # It leans on what TensorFlow does not promise. Without it the function is compiled, and fails if it must.
            return tf.function(function, jit_compile=True, autograph=False)(*args)
        self._name = program.name
        self.is_hit = self._name in _ran or (self._programs is not None and self._programs.fetch(self._name))
        return outputs

    def succeeded(self) -> None:
        """Keep the program, which has run."""
        if self._name is None:
            return
        if self._programs is not None and self._name not in _ran:
            self._programs.keep(self._name)
        _ran.add(self._name)

    def failed(self) -> None:
        """Drop the program, which could not be run."""
        if self._name is not None and self._programs is not None:
            self._programs.drop(self._name)
