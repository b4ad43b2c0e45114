from __future__ import annotations

import pytest

from suite.config import DataConfig
from suite.datasets.catalogue import load


@pytest.mark.parametrize(
    ("name", "shape", "classes", "protocol"),
    [
        ("digits", (1797, 64), tuple("0123456789"), "holdout"),
        ("wine", (178, 13), ("class_0", "class_1", "class_2"), "cv5"),
        ("breast_cancer", (569, 30), ("benign", "malignant"), "cv5"),
        ("iris", (150, 4), ("setosa", "versicolor", "virginica"), "cv5"),
    ],
)
def test_a_bundled_table_has_its_shape_classes_and_protocol(name, shape, classes, protocol):
    data = load(DataConfig(source=name))
    assert data.X.shape == shape
    assert data.classes == classes
    assert data.protocol == protocol
    assert set(data.kinds) == {"numeric"}
    assert data.title
