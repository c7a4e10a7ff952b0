"""What a network was told, in order: for the report of a test that failed."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Said", "WeatherLog"]

_FIRST: Final = 4
_LAST: Final = 4
_LONGEST: Final = 100
_PERFECT: Final = "perfect"
_SHOWN: Final = frozenset({"half_open", "pause", "disconnect_after"})


class Said:
    """One thing that a network was told.

    Attributes:
        text: what, in a few words.
        command: the name of the command; empty for a rule or a fault.
        of: what it is about: a connection's id, a fault, an outage.
        began: the mock's clock, in milliseconds.
        ended: likewise; ``None`` while it holds, and for what is done at once.
        base: whether the mock was made with it.
    """

    __slots__ = ("_log", "base", "began", "command", "ended", "of", "rule", "text")

    def __init__(self, log: WeatherLog, command: str, about: str, of: Any, at: float) -> None:
        self._log = log
        self.command = command
        self.text = f"{command} {about}".strip()
        self.of = of
        self.began = at
        self.ended: float | None = None
        self.base = False
        self.rule = False

    def end(self) -> None:
        """It does not hold any more; again is fine."""
        self._log.end_one(self)

    def __str__(self) -> str:
        text = self.text
        if len(text) > _LONGEST:
            text = f"{text[:_LONGEST]}…"
        until = "" if self.ended is None else f" (until {self.ended:.15g} ms)"
        return f"at {self.began:.15g} ms {text}{until}"

    def __repr__(self) -> str:
        return f"<Said {self}>"


class WeatherLog:
    """The first and the last things that a network was told, and which of them hold.

    Args:
        now: the mock's clock.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._first: list[Said] = []
        self._last: deque[Said] = deque(maxlen=_LAST)
        self._count = 0
        self._held: dict[Said, None] = {}

    def say(self, command: str, about: str = "", of: Any = None, *, lasts: bool = True) -> Said:
        """Note that the network is told something.

        Args:
            command: the name of the command; empty for a fault.
            about: its arguments, in a few words.
            of: what ``end`` will name it by.
            lasts: whether it holds from now on, or is done at once.
        """
        said = Said(self, command, about, of, self._now())
        self._keep(said)
        if lasts:
            self._held[said] = None
        return said

    def say_rule(self, text: str) -> Said:
        """Note a rule, which ``forget`` spares; good weather is no news while it is good."""
        said = Said(self, "", text, None, self._now())
        said.rule = True
        if text != _PERFECT or self._held:
            self._keep(said)
            self._held[said] = None
        return said

    def say_base(self) -> None:
        """The rule that was noted last is what the mock was made with."""
        for said in self._held:
            said.base = True

    def end_one(self, said: Said) -> None:
        """It does not hold any more; again is fine."""
        if said in self._held:
            del self._held[said]
            said.ended = self._now()
            said.of = None  # which may hold what a test has long forgotten

    def end(self, of: Any, command: str | None = None) -> None:
        """What is about this does not hold any more.

        Args:
            of: as it was given to ``say``.
            command: only what this one said; ``None`` for all.
        """
        if self._held:
            for said in list(self._held):
                if said.of == of and command in (None, said.command):
                    self.end_one(said)

    def end_all(self) -> None:
        """Nothing holds any more."""
        for said in list(self._held):
            self.end_one(said)

    def forget(self) -> None:
        """Forget everything but the rules that hold."""
        kept = [said for said in self._held if said.rule]
        self._first, self._count = [], 0
        self._last.clear()
        self._held = dict.fromkeys(kept)
        for said in kept:
            self._keep(said)

    def _keep(self, said: Said) -> None:
        self._count += 1
        if len(self._first) < _FIRST:
            self._first.append(said)
        else:
            self._last.append(said)

    @property
    def held(self) -> list[str]:
        """What holds of the commands about connections, each once."""
        return list(dict.fromkeys(one.text for one in list(self._held) if one.command in _SHOWN))

    def lines(self) -> list[str]:
        """What was told, in order; not the weather that the mock was made with while it holds."""
        first = [str(one) for one in self._first if not one.base or one.ended is not None]
        last = list(map(str, list(self._last)))
        more = self._count - len(self._first) - len(last)
        return [*first, *([f"… {more} more"] if more > 0 else []), *last]

    def __repr__(self) -> str:
        return f"<WeatherLog {self._count} held={len(self._held)}>"
