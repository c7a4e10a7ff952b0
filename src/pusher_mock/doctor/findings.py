"""What the doctor has found: plain data, in the order of files and lines."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

__all__ = [
    "NO_DOOR",
    "Advice",
    "Finding",
    "Literally",
    "Report",
    "Setting",
    "Severity",
    "Skipped",
    "When",
]

Severity = Literal["error", "warning", "note"]

When = Literal["import", "main", "cached", "call"]
"""When code runs: at import, as a script, once at its first call, at each call."""

NO_DOOR: Final = "none"
"""For ``Finding.door``: the call is Pusher's, and no door answers it."""

_CALLS: Final = frozenset({"client", "http", "library", "page", "websocket"})


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable that the project reads.

    Attributes:
        name: of the environment variable, or of the setting of Django or Flask.
        kind: what it is for: ``app_id``, ``key``, ``secret``, ``cluster``, ``host``, ``port``,
            ``ssl`` and so on; ``None`` if that cannot be told.
        path: of the file that reads it, from the project's root, with ``/``.
        line: in there, from 1.
        source: ``environment``, ``django``, ``flask``, or ``javascript`` for a page's build.
        required: whether reading it fails without a value.
        at_import: whether it is read when the file is imported.
    """

    name: str
    kind: str | None
    path: str
    line: int
    source: str
    required: bool = False
    at_import: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the project does with Pusher.

    Attributes:
        path: from the project's root, with ``/``.
        line: from 1; 0 when it is about the file.
        kind: a word for programs, such as ``client`` or ``secret``.
        severity: ``error`` for what must be mended, ``warning`` for what surprises in tests,
            ``note`` for what is good to know.
        text: what it is; never a whole secret.
        door: which door catches it, ``none`` when no door does, ``None`` when it is no call.
        advice: what to do; empty when there is nothing to do.
        when: when the code runs, for clients and events.
        others: doors that may catch it instead, where the library that calls cannot be told;
            ``none`` among them if one of these libraries has no door.
    """

    path: str
    line: int
    kind: str
    severity: Severity
    text: str
    door: str | None = None
    advice: str = ""
    when: When | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or folder that was not read, or not wholly understood, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Literally:
    """A key or a cluster that stands in a file.

    Attributes:
        kind: ``key`` or ``cluster``.
        value: as it stands there; neither is a secret.
        path: of the file.
        line: in there.
        in_page: whether a browser reads it.
    """

    kind: str
    value: str
    path: str
    line: int
    in_page: bool = False


@dataclass(frozen=True, slots=True)
class Advice:
    """What to add, so that every call of the project's tests is caught.

    Attributes:
        file: the file that the lines go into; ``None`` when a command does it.
        section: the section of that file.
        lines: what to write; empty when it is there already.
        commands: what to run.
        text: all of it in one sentence.
        problems: what is wrong with lines that stand there already.
    """

    file: str | None
    section: str | None
    lines: tuple[str, ...]
    commands: tuple[str, ...]
    text: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """How a project uses Pusher.

    Attributes:
        root: the folder, or the file, that was read.
        files: how many files were looked into.
        findings: by file and line.
        settings: the variables that it reads, by file and line.
        skipped: what was not read, by file.
        advice: what to add.
    """

    root: str
    files: int
    findings: tuple[Finding, ...]
    settings: list[Setting] = field(default_factory=list)
    skipped: tuple[Skipped, ...] = ()
    advice: Advice = Advice(None, None, (), (), "")

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What must be mended."""
        return tuple(one for one in self.findings if one.severity == "error")

    @property
    def caught(self) -> tuple[Finding, ...]:
        """Calls that a door catches."""
        return tuple(
            one
            for one in self.findings
            if one.kind in _CALLS and one.door is not None and one.door != NO_DOOR
        )

    @property
    def not_caught(self) -> tuple[Finding, ...]:
        """Calls that no door answers."""
        return tuple(one for one in self.findings if one.door == NO_DOOR)

    @property
    def perhaps_not_caught(self) -> tuple[Finding, ...]:
        """Calls that a library without a door may make."""
        return tuple(one for one in self.findings if NO_DOOR in one.others)

    def to_json(self) -> dict[str, Any]:
        """Everything, as JSON has it."""
        return asdict(self)
