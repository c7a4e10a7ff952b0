"""Node: its packages, installed once, and its scripts as processes that answer in JSON lines."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["FOLDER", "MODULES", "NodeError", "NodeProcess", "install"]

FOLDER = Path(__file__).resolve().parent
MODULES = FOLDER / "node_modules"

INSTALL_S = 300
ANSWER_S = 20  # longer than the scripts wait for anything
END_S = 5

_STAMP = MODULES / ".stamp"
_REMEDY = "these tests drive Node: install nodejs and npm, or run `make setup-clients` as root"


class NodeError(AssertionError):
    """A script's answer was an error, or there was none.

    Attributes:
        name: of the JavaScript error.
        status: of the HTTP response behind it.
        body: likewise.
    """

    def __init__(
        self, text: str, name: str = "", status: int | None = None, body: str = ""
    ) -> None:
        super().__init__(text)
        self.name = name
        self.status = status
        self.body = body


def install() -> None:
    """Run `npm ci` unless node_modules is what the lock file asks for. Several processes may."""
    wanted = hashlib.sha256()
    for name in ("package.json", "package-lock.json"):
        wanted.update((FOLDER / name).read_bytes())
    with (FOLDER / "package-lock.json").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _STAMP.exists() and _STAMP.read_text() == wanted.hexdigest():
            return
        npm = shutil.which("npm")
        assert npm, _REMEDY
        command = [npm, "ci", "--prefix", str(FOLDER), "--ignore-scripts", "--no-audit"]
        done = subprocess.run(
            [*command, "--no-fund"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=INSTALL_S,
        )
        assert done.returncode == 0, f"npm ci failed:\n{done.stdout}"
        _STAMP.write_text(wanted.hexdigest())


class NodeProcess:
    """A running script; ended with its block.

    Args:
        script: its file in this folder.
    """

    def __init__(self, script: str) -> None:
        self.script = script
        self._answers: SimpleQueue[str | None] = SimpleQueue()
        self._serial = 0

    def call(self, command: str, *args: Any, patience: float = ANSWER_S) -> Any:
        """Have the script do something and return its answer.

        Args:
            command: one of the script's.
            *args: what JSON holds.
            patience: in seconds.

        Raises:
            NodeError: it failed, or there was no answer in time.
        """
        self._serial += 1
        line = json.dumps({"id": self._serial, "command": command, "args": args})
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
            answer = self._hear(patience)
        except (Empty, OSError, EOFError) as error:
            text = f"{self}: no answer to {line}: {error!r}\n{self._complaints()}"
            raise NodeError(text) from None
        problem = answer.get("error")
        if problem is None:
            return answer["value"]
        raise NodeError(
            f"{self}: {problem['message']}",
            problem.get("name", ""),
            problem.get("status"),
            problem.get("body", ""),
        )

    def _hear(self, patience: float) -> dict[str, Any]:
        while True:
            line = self._answers.get(timeout=patience)
            if line is None:
                self._answers.put(None)  # for the next
                raise EOFError("it has ended")
            answer: dict[str, Any] = json.loads(line)
            if answer["id"] == self._serial:  # an earlier one came too late
                return answer

    def __enter__(self) -> NodeProcess:
        node = shutil.which("node")
        assert node, _REMEDY
        install()
        self._stderr = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            [node, str(FOLDER / self.script)],
            cwd=FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            text=True,
            bufsize=1,
        )
        self._reader = Thread(target=self._read, name=f"{self!r}", daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(OSError):  # it has ended by itself, which a call has told
            self._process.stdin.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(END_S)
        self._reader.join(END_S)
        self._process.stdout.close()
        self._stderr.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put(None)

    def _complaints(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read()[-4_000:]

    def __repr__(self) -> str:
        return f"<NodeProcess {self.script}>"
