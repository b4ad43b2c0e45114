"""Learning-rate schedules: the factor on the learning rate as a function of progress t in [0, 1]."""

from __future__ import annotations

from collections.abc import Callable
from math import log, pi
from typing import Any

import tensorflow as tf

Schedule = Callable[[Any], Any]


def constant(t: Any) -> Any:
    """1 throughout."""
    return tf.ones_like(t)


def cosine(t: Any) -> Any:
    """Half a cosine from 1 to 0 (Loshchilov and Hutter 2017, SGDR, without restarts)."""
    return 0.5 * (1.0 + tf.cos(pi * t))


def coslog4(t: Any) -> Any:
    """Four cosine waves of doubling length, from 0 to 0 (Holzmueller et al. 2024, RealMLP, appendix A)."""
    return 0.5 * (1.0 - tf.cos(2.0 * pi * tf.math.log(1.0 + 15.0 * t) / log(2.0)))


def flat_cos(t: Any) -> Any:
    """1 for the first half, then half a cosine to 0 (Holzmueller et al. 2024, RealMLP, appendix A)."""
    return cosine(tf.maximum(2.0 * t, 1.0) - 1.0)


def one_cycle(t: Any) -> Any:
    """Half a cosine up from 1/25 to 1 at t = 0.3, then down to 0 (Smith and Topin 2018, super-convergence)."""
    up = 1.0 / 25.0 + (1.0 - 1.0 / 25.0) * (1.0 - cosine(tf.minimum(t / 0.3, 1.0)))
    return tf.where(t < 0.3, up, cosine(tf.maximum(t - 0.3, 0.0) / 0.7))


SCHEDULES: dict[str, Schedule] = {f.__name__: f for f in (constant, cosine, coslog4, flat_cos, one_cycle)}


def schedule(name: str | Schedule) -> Schedule:
    """Return the schedule of this name; a callable is returned as it is."""
    if callable(name):
        return name
    if name not in SCHEDULES:
        raise ValueError(f"unknown schedule {name!r}: choose one of {', '.join(SCHEDULES)}")
    return SCHEDULES[name]
