"""What the readers of files share: where they put what they find."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .findings import Setting
from .settings import kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .findings import Finding, Literally, When
    from .values import Origin

__all__ = ["Notes"]


@dataclass(slots=True)
class Notes:
    """What has been found so far.

    Attributes:
        spellings: names of variables that are known, by kind.
        ignored: paths that git leaves out.
        findings: in any order.
        settings: likewise; one for each variable and line.
        literals: keys and clusters that stand in files.
        held: clients among the findings that live as long as the process.
    """

    spellings: Mapping[str, Sequence[str]] | None = None
    ignored: frozenset[str] = frozenset()
    findings: list[Finding] = field(default_factory=list)
    settings: dict[tuple[str, int, str], Setting] = field(default_factory=dict)
    literals: list[Literally] = field(default_factory=list)
    held: list[Finding] = field(default_factory=list)

    def add(self, *findings: Finding | None) -> None:
        """Keep what is something."""
        self.findings += [one for one in findings if one is not None]

    def read(self, path: str, origin: Origin, when: When, kind: str | None = None) -> None:
        """Keep a variable of Pusher's that is read.

        Args:
            path: of the file.
            origin: the reading.
            when: when it runs.
            kind: what it is for, if the argument it becomes tells; else its name does.
        """
        path = origin.path or path
        place = path, origin.line, origin.name
        known = self.settings.get(place)
        if known is not None and (kind is None or known.kind is not None):
            return
        self.settings[place] = Setting(
            origin.name,
            kind or kind_of(origin.name, self.spellings),
            path,
            origin.line,
            origin.how,
            origin.required,
            origin.at_import if origin.path else when == "import",
        )
