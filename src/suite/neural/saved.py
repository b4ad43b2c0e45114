"""A fitted `KerasClassifier` as `.keras` files and a few plain values, and back, without pickle."""

from __future__ import annotations

import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from suite.neural import layers
from suite.neural.classifier import KerasClassifier
from suite.neural.outputs import Outputs

_OF_KERAS = re.compile(r"builtins|keras(\.\w+)*")
_OWN = "suite.neural>"
"""How the registered names of own layers begin, see `layers`."""
_VALUES = frozenset({"__keras_tensor__", "__numpy__", "__tensor__"})
_LOADS_CODE = frozenset({"Lambda", "TFSMLayer", "TorchModuleWrapper", "FlaxLayer", "JaxLayer", "__lambda__"})
MOST_CONFIG = 50_000_000


def save(model: KerasClassifier, folder: Path) -> dict[str, Any]:
    """Write the networks to files in a folder; return what else it takes to make the classifier again."""
    files = [f"network-{i}.keras" for i in range(len(model.models_))]
    for file, network in zip(files, model.models_, strict=True):
        network.save(folder / file)
    return {
        "files": files,
        "classes": model.classes_.tolist(),
        "n_features": model.n_features_in_,
        "are_logits": model._outputs.are_logits,
        "temperature": model.temperature_,
    }


def load(about: Mapping[str, Any], networks: Sequence[bytes]) -> KerasClassifier:
    """Return a classifier that predicts as the one did that `save` wrote.

    Raises
    ------
    ValueError
        If a file holds anything but layers of Keras and of `suite.neural`; no code comes from it.
    """
    assert layers  # registered with Keras by their import
    model = KerasClassifier(members=len(networks))
    model.classes_ = np.asarray(about["classes"])
    model.n_features_in_ = int(about["n_features"])
    model.temperature_ = float(about["temperature"])
    model.models_ = [_network(raw) for raw in networks]
    model._outputs = Outputs(model.models_, model.n_features_in_, bool(about["are_logits"]))
    return model


def _network(raw: bytes) -> Any:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        if archive.getinfo("config.json").file_size > MOST_CONFIG:
            raise ValueError("its config.json is larger than that of any network")
        config = json.loads(archive.read("config.json"))
    for noun in _nouns(config):
        module, name = noun.get("module"), str(noun.get("class_name"))
        is_own = str(noun.get("registered_name")).startswith(_OWN)
        is_of_keras = bool(_OF_KERAS.fullmatch(str(module))) or (module is None and name in _VALUES)
        if name in _LOADS_CODE or not (is_own or is_of_keras):
            raise ValueError(f"it holds {name!r} of {module!r}, which no network of suite has")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.keras"
        path.write_bytes(raw)
        return keras.saving.load_model(path, compile=False, safe_mode=True)


def _nouns(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield every object of a configuration that names a class."""
    if isinstance(value, dict):
        if "class_name" in value or "module" in value:
            yield value
        for item in value.values():
            yield from _nouns(item)
    elif isinstance(value, list):
        for item in value:
            yield from _nouns(item)
