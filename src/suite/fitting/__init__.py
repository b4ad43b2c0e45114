"""Fit one model and predict: the side that never sees a test label."""

from suite.fitting.fit import fit_predict, warm_up

__all__ = ["fit_predict", "warm_up"]
