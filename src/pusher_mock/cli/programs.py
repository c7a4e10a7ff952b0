"""Whether there is a command, and what was meant if not: there is no shell to read it."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from .failures import Wrong
from .interpreters import shebang
from .plain import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["CannotRun", "NoCommand", "check_there", "missing"]

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=")
_BUILTINS = frozenset(
    (
        *(".", ":", "alias", "bg", "cd", "declare", "eval", "exec", "exit", "export", "fg"),
        *("local", "read", "set", "shift", "shopt", "source", "trap", "type", "ulimit", "umask"),
        "unset",
    )
)


class NoCommand(Wrong):
    """There is no such program."""

    exit_code = 127  # as shells say it


class CannotRun(Wrong):
    """It is no program, or not ours to run."""

    exit_code = 126  # likewise


def check_there(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Look for a command before anything is said or started on its behalf.

    Args:
        command: the program and its arguments.
        environment: where it will run.

    Raises:
        NoCommand: there is none.
        CannotRun: it is a script whose interpreter is not there.
    """
    if os.name != "posix":  # where a program is looked for in more places than on the path
        return
    found = shutil.which(command[0], path=os.pathsep.join(os.get_exec_path(environment)))
    if found is None and not ("/" in command[0] and Path(command[0]).exists()):
        raise missing(command)
    words = shebang(found) if found is not None else []
    if words and "/" in words[0] and not Path(words[0]).exists():
        raise missing(command)


def missing(command: Sequence[str]) -> Wrong:
    """The error for a command that is not found: itself, or what it needs.

    Args:
        command: the program and its arguments.
    """
    program = command[0]
    words = shebang(program)
    if words and not Path(words[0]).exists():
        return CannotRun(
            f"{plain(program)} cannot be run: its first line names {plain(words[0])}, which is "
            "not there"
        )
    if (named := _ASSIGNMENT.match(program)) is not None:
        # The value may be a secret.
        return NoCommand(
            f"there is no command {named[1]}=…; there is no shell here: set variables with "
            f"--set {named[1]}=…"
        )
    if any(one.isspace() for one in program):
        return NoCommand(
            f"there is no command '{plain(program)}'; there is no shell here: drop the quotes "
            "around it, or use sh -c"
        )
    if program in _BUILTINS:
        return NoCommand(
            f"there is no command {program}; it is a word of the shell, which is not here: "
            "use sh -c '…'"
        )
    return NoCommand(f"there is no command {plain(program)}")
