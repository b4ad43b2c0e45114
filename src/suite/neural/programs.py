"""Compiled programs on disk, which other processes may use: a file each, named by the digest of what it computes.

TensorFlow looks for programs in one folder, named when it starts; what it finds there it trusts. So that folder is
each process's own: a program that may be needed is put there once its bytes have been checked, and what TensorFlow
leaves there is taken away. Nothing here fails: what cannot be read or written is compiled anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import stat
import time
from pathlib import Path

LIMIT = 500 * 2**20
"""Bytes of all programs in a folder; those that have not served for longest go first."""
LARGEST = 2**26
"""Bytes of one program."""
LEFT_S = 3600.0
"""Seconds after which a file that a process has taken, or was writing, is taken to be left by it."""
FOLDER, STAGE = "SUITE_PROGRAMS", "SUITE_PROGRAMS_STAGE"
_FLAG = "--tf_xla_persistent_cache_directory="
_HEADER = re.compile(rb"(?P<digest>[0-9a-f]{64}) (?P<name>xla_compile_cache_\w{1,200}\.pb)\n")


def environment(folder: Path, stage: Path) -> dict[str, str]:
    """Return the variables with which a process uses the programs in a folder; `stage` is to be its own."""
    flags = f"{os.environ.get('TF_XLA_FLAGS', '')} {_FLAG}{stage}"
    return {FOLDER: str(folder), STAGE: str(stage), "TF_XLA_FLAGS": flags.strip()}


class Programs:
    """The programs in a folder, as the process with this stage uses them."""

    def __init__(self, folder: Path, stage: Path) -> None:
        self._folder, self._stage = folder, stage
        self._taken: dict[str, Path] = {}

    @classmethod
    def of_this_process(cls) -> Programs | None:
        """Return the programs that `environment` has named; None if it has not."""
        folder, stage = os.environ.get(FOLDER), os.environ.get(STAGE)
        return cls(Path(folder), Path(stage)) if folder and stage else None

    def fetch(self, name: str) -> bool:
        """Put a program where TensorFlow finds it; return whether there is one.

        It is taken out of the folder until `keep`: one that ends its process does so once.
        """
        self.clear()
        taken = self._folder / f".{name}.{_token()}.taken"
        with contextlib.suppress(OSError):
            (self._folder / name).rename(taken)
            content = _read(taken)
            line, _, program = content.partition(b"\n")
            header = _HEADER.fullmatch(line + b"\n")
            if header is None or hashlib.sha256(program).hexdigest().encode() != header["digest"]:
                taken.unlink()
                return False
            self._stage.mkdir(mode=0o700, exist_ok=True)
            (self._stage / header["name"].decode()).write_bytes(program)
            self._taken[name] = taken
            return True
        return False

    def keep(self, name: str) -> None:
        """Put a program back that was fetched and has run, or put one there that was compiled."""
        with contextlib.suppress(OSError):
            if (taken := self._taken.pop(name, None)) is not None:
                os.utime(taken)
                taken.rename(self._folder / name)
            else:
                self._add(name)
        self.clear()

    def drop(self, name: str) -> None:
        """Remove a program that was fetched and could not be used."""
        if (taken := self._taken.pop(name, None)) is not None:
            with contextlib.suppress(OSError):
                taken.unlink()
        self.clear()

    def _add(self, name: str) -> None:
        compiled = list(self._stage.iterdir())
        if len(compiled) != 1:
            return
        program = compiled[0].read_bytes()
        if len(program) > LARGEST:
            return
        temp = self._folder / f".{name}.{_token()}.tmp"
        digest = hashlib.sha256(program).hexdigest()
        try:
            with temp.open("xb") as file:
                file.write(f"{digest} {compiled[0].name}\n".encode() + program)
            temp.replace(self._folder / name)
        finally:
            temp.unlink(missing_ok=True)
        self._prune()

    def _prune(self) -> None:
        """Remove what processes have left, and the programs that have not served for longest if there is too much."""
        found = []
        for entry in os.scandir(self._folder):
            with contextlib.suppress(OSError):
                found.append((entry.stat(follow_symlinks=False), entry.path))
        found.sort(key=lambda file: file[0].st_mtime)
        total, now = sum(about.st_size for about, _ in found), time.time()
        for about, path in found:
            is_left = Path(path).name.startswith(".") and now - about.st_mtime > LEFT_S
            if is_left or total > LIMIT:
                total -= about.st_size
                with contextlib.suppress(OSError):
                    Path(path).unlink()

    def clear(self) -> None:
        """Take away what TensorFlow has left."""
        with contextlib.suppress(OSError):
            for path in self._stage.iterdir():
                path.unlink()


def _read(path: Path) -> bytes:
    """Read a regular file that is not too large; follow no link, wait for no pipe."""
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as file:
        about = os.fstat(fd)
        return file.read() if stat.S_ISREG(about.st_mode) and about.st_size <= LARGEST + 512 else b""


def _token() -> str:
    return f"{os.getpid()}-{secrets.token_hex(4)}"
