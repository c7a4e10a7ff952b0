"""What the readers of files share: where they put what they find."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import secrets
from .findings import Setting
from .settings import kind_of
from .walk import is_test

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
        in_git: whether the project has a history.
        known: the secrets that have been found; they are never shown.
    """

    spellings: Mapping[str, Sequence[str]] | None = None
    ignored: frozenset[str] = frozenset()
    findings: list[Finding] = field(default_factory=list)
    settings: dict[tuple[str, int, str], Setting] = field(default_factory=dict)
    literals: list[Literally] = field(default_factory=list)
    held: list[Finding] = field(default_factory=list)
    in_git: bool = True
    known: set[str] = field(default_factory=set, repr=False)

    def add(self, *findings: Finding | None) -> None:
        """Keep what is something."""
        self.findings += [one for one in findings if one is not None]

    def secret(self, path: str, line: int, value: str, what: str) -> None:
        """Keep a secret, unless it is a fake.

        Args:
            path: of the file.
            line: in there.
            value: the secret.
            what: where it stands, ``PUSHER_SECRET`` for one.
        """
        found = secrets.found(
            path,
            line,
            value,
            what,
            in_tests=is_test(path),
            ignored=path in self.ignored,
            in_git=self.in_git,
        )
        if found is not None:
            self.findings.append(found)
            self.known.add(value.strip())

    def secret_in_url(self, path: str, line: int, url: str, what: str) -> None:
        """Keep the secret of a URL, if it has one; see ``secret``."""
        value = secrets.secret_in_url(url)
        if value is not None:
            self.secret(path, line, value, f"the secret in {what}")

    def read(
        self,
        path: str,
        origin: Origin,
        when: When,
        kind: str | None = None,
        *,
        by_name: bool = True,
    ) -> None:
        """Keep a variable of Pusher's that is read.

        Args:
            path: of the file.
            origin: the reading.
            when: when it runs.
            kind: what it is for, if the argument it becomes tells; else its name does.
            by_name: whether its name may tell.
        """
        path = origin.path or path
        place = path, origin.line, origin.name
        known = self.settings.get(place)
        if known is not None and (kind is None or known.kind is not None):
            return
        self.settings[place] = Setting(
            origin.name,
            kind or (kind_of(origin.name, self.spellings) if by_name else None),
            path,
            origin.line,
            origin.how,
            origin.required,
            origin.at_import if origin.path else when == "import",
        )
