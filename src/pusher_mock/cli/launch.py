"""A command as a child: it gets our signals, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

from .plain import plain
from .programs import CannotRun, missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FrameType

__all__ = ["launch"]

_KILLED = 128  # and the number of the signal, as shells say it
_PATIENCE = 5.0  # seconds that what is left behind has, to end by itself
_TURN = 0.02

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGBREAK")


def launch(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command until it ends.

    On a terminal it stays where the keyboard's signals reach it. Elsewhere it gets a group of
    processes of its own, and what is left of that when it has ended is ended as well.

    Args:
        command: the program and its arguments.
        environment: all of it.

    Returns:
        Its exit code, 128 and the number of the signal that killed it.

    Raises:
        NoCommand: there is none.
        CannotRun: it cannot be started.
    """
    alone = os.name == "posix" and not _at_a_terminal()
    with _Relay(at_terminal=not alone).listening() as relay:
        try:
            process = subprocess.Popen(
                command, env=dict(environment), process_group=0 if alone else None
            )
        except FileNotFoundError:
            raise missing(command) from None
        except OSError as error:
            why = error.strerror or error
            raise CannotRun(f"{plain(command[0])} cannot be run: {why}") from None
        relay.tell(process)
        try:
            code = process.wait()
        finally:
            if alone:
                _end_group(process.pid)
    return code if code >= 0 else _KILLED - code


class _Relay:
    """Hands on the signals that this process gets.

    Args:
        at_terminal: whether what is typed there reaches the command by itself.
    """

    def __init__(self, *, at_terminal: bool) -> None:
        self._typed = {"SIGINT", "SIGQUIT"} if at_terminal else set()
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    @contextmanager
    def listening(self) -> Iterator[_Relay]:
        known = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
        before = {
            number: signal.signal(number, self._hear)
            for number in known
            # As `nohup` wants it; the command inherits that.
            if signal.getsignal(number) is not signal.SIG_IGN
        }
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def tell(self, process: subprocess.Popen[bytes]) -> None:
        """It has begun: what came before goes to it now."""
        self._process = process
        early, self._early = self._early, []
        for number in early:
            self._hear(number, None)

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self._process is None:
            self._early.append(number)
        elif signal.Signals(number).name not in self._typed:
            with suppress(OSError):  # it has just ended
                self._process.send_signal(number)


def _at_a_terminal() -> bool:
    try:
        return os.tcgetpgrp(sys.__stdin__.fileno()) == os.getpgrp() if sys.__stdin__ else False
    except (OSError, ValueError):
        return False


def _end_group(group: int) -> None:
    """End what a command has left behind, such as the children of a shell that was killed."""
    deadline = monotonic() + _PATIENCE
    with suppress(ProcessLookupError, PermissionError):  # there is nobody any more
        os.killpg(group, signal.SIGTERM)
        while _is_alive(group):
            if monotonic() > deadline:
                os.killpg(group, signal.SIGKILL)
                return
            sleep(_TURN)


def _is_alive(group: int) -> bool:
    """Whether anybody of a group still runs.

    Who has ended is not gone before its parent knows; in a container that may take a while, or
    for ever.

    Raises:
        ProcessLookupError: the group is gone.
    """
    os.killpg(group, 0)
    processes = list(Path("/proc").glob("[0-9]*/stat"))
    return not processes or any(_state(one) == (group, True) for one in processes)


def _state(stat: Path) -> tuple[int, bool]:
    """The group of a process, and whether it runs (proc_pid_stat(5))."""
    try:
        state, _, group, *_ = stat.read_text().rpartition(")")[2].split()
    except (OSError, ValueError):  # it has just gone
        return 0, False
    return int(group), state not in "ZX"
