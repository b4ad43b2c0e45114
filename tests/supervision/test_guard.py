from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import suite

OURS = ["channel", "family", "guard", "output", "processes", "shared_memory"]


def test_the_guard_takes_the_standard_library_only_and_little_of_it():
    code = (
        "import json, sys\nsys.path.append(sys.argv[1])\n"
        "import suite.supervision.guard\nprint(json.dumps(list(sys.modules)))"
    )
    source = str(Path(suite.__file__).parents[1])
    command = [sys.executable, "-I", "-S", "-c", code, source]
    loaded = set(json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout))
    assert sorted(name.split(".")[2] for name in loaded if name.startswith("suite.supervision.")) == OURS
    top = {name.split(".")[0] for name in loaded - {"__main__"}}
    assert top - {"suite"} <= set(sys.stdlib_module_names)
    assert not top & {
        "dataclasses",
        "inspect",
        "subprocess",
        "socket",
        "pathlib",
        "asyncio",
        "multiprocessing",
    }
