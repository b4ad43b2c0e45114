"""The first epoch of a network: compiled anew, by a program of this process, and by one that another process compiled.

    taskset -c 0 python benchmarks/compiled_before.py

4,100 random rows of 13 columns, 3 classes, batches of 64, one thread. Prints seconds, and whether the weights agree.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Start two processes, one after the other, that share a folder, and print what each of their fits took."""
    from suite import threads
    from suite.neural import programs

    for network in ("mlp", "embeddings"):
        found = []
        with tempfile.TemporaryDirectory() as folder:
            for stage in ("first", "second"):
                names = programs.environment(Path(folder), Path(folder, f".{stage}"))
                variables = {**os.environ, **threads.environment(1), **names}
                code = [sys.executable, __file__, network]
                done = subprocess.run(code, env=variables, check=True, capture_output=True, text=True)
                found += json.loads(done.stdout.splitlines()[-1])
        (anew, weights), *others = found
        names = ("again in this process", "in another process")
        for name, (seconds, same) in zip(names, others, strict=False):
            print(f"{network:12} anew {anew:.2f} s, {name} {seconds:.2f} s, same weights: {same == weights}")


def fit(network: str) -> None:
    """Print, for two trials in this process, the seconds of the first epoch and a digest of the weights."""
    import hashlib

    import numpy as np

    from suite.neural.classifier import KerasClassifier
    from suite.neural.networks import EmbeddingMlp, Mlp

    X = np.random.default_rng(0).normal(size=(4100, 13)).astype(np.float32)
    options = {"epochs": 3, "batch_size": 64, "compile": "xla", "reuse": True, "random_state": 0}
    modern = {"optimizer": "adamw", "weight_decay": 0.01, "schedule": "cosine", "learning_rate": 2e-3}
    found = []
    for _ in range(2):
        built = Mlp((128, 64)) if network == "mlp" else EmbeddingMlp()
        model = KerasClassifier(built, **options, **modern).fit(X, X[:, :3].argmax(1))
        weights = b"".join(weight.tobytes() for weight in model.models_[0].get_weights())
        found.append((model.histories_[0].epoch_s[0], hashlib.sha256(weights).hexdigest()))
    print(json.dumps(found))


if __name__ == "__main__":
    fit(sys.argv[1]) if len(sys.argv) > 1 else main()
