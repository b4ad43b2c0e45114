"""The modern networks on music_genre: several seeds on the original split, and other held-out splits.

    SUITE_DATA=folder python benchmarks/networks_accuracy.py [--seeds 5] [--out folder]

Every cell is an ordinary record in the output folder, so the run can be stopped and continued. Cells run one at a
time with two threads, as the comparison of fit times with hist_gb asks.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import mean

import suite
from suite.schema import Record

NETWORKS = ("keras_mlp", "keras_embeddings", "keras_ensemble")


def rows(records: list[Record], model: str) -> list[Record]:
    """Return a model's own records."""
    return [record for record in records if record.model == model and record.source == "run"]


def main() -> None:
    """Run what is missing and print one line a model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("results-networks"))
    options = parser.parse_args()
    common = {"out": options.out, "threads": 2, "workers": 1}

    original = suite.run([*NETWORKS, "hist_gb"], "music_genre", seeds=options.seeds, **common).records
    print(f"music_genre, original split, mean of {options.seeds} seeds")
    base = mean(r.timing.fit_s or 0 for r in rows(original, "hist_gb"))
    for model in (*NETWORKS, "hist_gb"):
        own = rows(original, model)
        accuracy, loss = (mean(r.metrics[m] or 0 for r in own) for m in ("accuracy", "log_loss"))
        fit = mean(r.timing.fit_s or 0 for r in own)
        each = " ".join(f"{r.metrics['accuracy']:.4f}" for r in own)
        print(f"{model:18} accuracy {accuracy:.4f} ({each})  log loss {loss:.4f}", end="  ")
        print(f"fit {fit:.1f} s, {fit / base:.1f} x hist_gb")

    print("music_genre, the folds of cv5: keras_ensemble less hist_gb")
    folds = suite.run(["keras_ensemble", "hist_gb"], "music_genre", protocol="cv5", **common).records
    for ours, theirs in zip(rows(folds, "keras_ensemble"), rows(folds, "hist_gb"), strict=True):
        gain = (ours.metrics["accuracy"] or 0) - (theirs.metrics["accuracy"] or 0)
        print(
            f"{ours.split}: {ours.metrics['accuracy']:.4f} - {theirs.metrics['accuracy']:.4f} = {gain:+.4f}"
        )


if __name__ == "__main__":
    main()
