"""Snapshots of the journal: what happened, as a text that is kept beside the test."""

from __future__ import annotations

import os
import re
from difflib import unified_diff
from hashlib import sha256
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any, Final, Protocol

from pusher_mock.protocol.errors import ExpectationFailed, UsageError

from .deliveries import read
from .expect import check_complete

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pusher_mock.core import Core
    from pusher_mock.mock import PusherMock

__all__ = [
    "UPDATE",
    "CompareJournal",
    "assert_journal",
    "snapshot",
    "snapshot_path",
    "snapshots_of",
]

UPDATE: Final = "PUSHER_MOCK_UPDATE"
_FOLDER: Final = "__snapshots__"
_INPUT: Final = re.compile(r"\d+ (\S+ms )(.*)")
# What the library says of itself, and the body whose events stand in the lines below.
_LIBRARY: Final = re.compile(r"(?<=[?&])(client|version)=[^&]*&?")
_BODY: Final = re.compile(r"(http [A-Z]+ \S+) .*")
# What keeps connections alive, and what an SDK object is known by.
_ALIVE: Final = re.compile(
    r"credentials |pong |    ping |(received|    send) \S+ \{\"event\": ?\"pusher:p[io]ng\""
)
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_.\-\[\]]+")
_LONGEST_NAME: Final = 120


def snapshot(core: Core) -> str:
    """The journal as a text that stays the same as long as the same things happen.

    It is ``journal.dumps()`` without what other things change: no numbers of inputs; socket ids by
    the name of their connection; neither pings nor anything about a library and its version; no
    bodies of HTTP calls, whose events have lines of their own; times only of a clock that is moved
    by hand.

    Raises:
        UsageError: the journal no longer holds everything.
    """
    with core.lock:
        check_complete(core.journal)
        text = core.journal.dumps()
        sockets = read(core.journal).sockets
    lines = _stable(text.splitlines(), timed=hasattr(core.clock, "advance"))
    names = {socket_id: name for name, socket_id in sockets.items()}
    text = "".join(f"{line}\n" for line in lines)
    if names:
        found = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")
        text = found.sub(lambda one: f"<{names[one[1]]}>", text)
    return text


def _stable(lines: list[str], *, timed: bool) -> Iterator[str]:
    """What stays the same, of the lines of ``journal.dumps()``."""
    timer = ""  # told when it has done anything
    for line in lines:
        began = _INPUT.fullmatch(line)
        what = line if began is None else began[2]
        if _ALIVE.match(what):
            continue
        if began is None:
            if timer:
                yield timer
                timer = ""
            yield line
            continue
        what = _BODY.sub(r"\1", what)
        if what.startswith("opened "):
            what = _LIBRARY.sub("", what).rstrip("?&")
        told = f"{began[1]}{what}" if timed else what
        timer = told if what == "timer" else ""
        if not timer:
            yield told


def assert_journal(core: Core, wanted: Any, update: bool | None) -> None:
    """Compare the journal with a snapshot; see ``PusherMock.assert_journal``."""
    __tracebackhide__ = True  # a failure ends at the line of the test
    came = snapshot(core)
    if isinstance(wanted, str):
        if "\n" not in wanted and wanted.strip().endswith((".journal", ".txt")):
            raise UsageError(f"a snapshot in a file is named by a Path: Path({wanted!r})")
        if update:
            raise UsageError("a text in the test cannot be updated; give assert_journal() a Path")
        kept = dedent(wanted).strip("\n") + "\n"
        if came.strip("\n") != kept.strip("\n"):
            raise ExpectationFailed(_diff(kept, came, "the text", "take the lines with a +"))
        return
    path = Path(wanted)
    exists = path.exists()
    kept = path.read_text(encoding="utf-8") if exists else ""
    if exists and kept == came:
        return
    if update is None:
        update = _told_to_update() or (not exists and not os.environ.get("CI"))
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write(came)
        return
    how = f"if it is right: pytest --pusher-mock-update, or {UPDATE}=1"
    if not exists:
        raise ExpectationFailed(
            f"there is no snapshot {path}, and in CI none is made: commit it; {how}"
        )
    raise ExpectationFailed(_diff(kept, came, path.name, how))


def _told_to_update() -> bool:
    return os.environ.get(UPDATE, "").lower() in {"1", "true", "yes", "on"}


def _diff(kept: str, came: str, name: str, how: str) -> str:
    lines = unified_diff(
        kept.splitlines(), came.splitlines(), name, "what happened", lineterm="", n=2
    )
    return "\n".join([f"the journal differs from {name}; {how}", *lines])


def snapshot_path(test: Path, name: str, number: int = 1) -> Path:
    """Where the snapshot of a test is kept.

    Args:
        test: the file of the test.
        name: the test's name, with its class and parameters: ``TestIt::test_one[a]``.
        number: which of the test's snapshots it is, from 1.
    """
    plain = f"{test.stem}.{name.replace('::', '.')}"
    safe = _UNSAFE.sub("-", plain)[:_LONGEST_NAME]
    if safe != plain:  # and so may be another one
        safe += f"-{sha256(plain.encode()).hexdigest()[:8]}"
    further = f".{number}" if number > 1 else ""
    return test.parent / _FOLDER / f"{safe}{further}.journal"


class CompareJournal(Protocol):
    """What the fixture ``pusher_snapshot`` is: call it when everything has happened."""

    def __call__(self, mock: PusherMock | None = None, name: str | None = None) -> None:
        """Compare the journal with the snapshot.

        Args:
            mock: whose; the test's by default.
            name: which of several it is; they are counted by default.
        """
        ...


def snapshots_of(of_test: PusherMock, test: Path, test_name: str) -> CompareJournal:
    """What compares the journal of a mock with the snapshots of a test, one after the other.

    Args:
        of_test: the test's mock.
        test: the file of the test.
        test_name: the test's name, with its class and parameters.
    """
    number = 0

    def compare(mock: PusherMock | None = None, name: str | None = None) -> None:
        __tracebackhide__ = True
        nonlocal number
        if name is None:
            number += 1
            path = snapshot_path(test, test_name, number)
        else:
            path = snapshot_path(test, f"{test_name}.{name}")
        (of_test if mock is None else mock).assert_journal(path)

    return compare
