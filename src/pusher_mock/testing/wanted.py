"""What an event has to be, and in which respects another one is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from pusher_mock.protocol.names import channel_kind

from .differences import differences, shorten
from .matchers import Subset, fits, shown, verdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from re import Pattern

    from pusher_mock.engine import PublishedEvent

    from .deliveries import Delivery

__all__ = ["Name", "Wanted", "WantedDelivery"]

Name: TypeAlias = "str | Pattern[str]"
"""The name of a channel or an event, or a regular expression that is searched for in it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an event has to be; ``None`` and ``...`` stand for anything."""

    channel: Any = None
    event: Any = None
    data: Any = ...
    socket_id: str | None = None

    def fits(self, found: PublishedEvent) -> bool:
        """Whether an event is what was wanted."""
        return (
            _named(self.channel, found.channel)
            and _named(self.event, found.event)
            and self.socket_id in (None, found.socket_id)
            and (self.data is ... or self._same_data(found))
        )

    def misses(self, found: PublishedEvent) -> list[str]:
        """Say in which respects an event differs; an empty list when it fits."""
        wrong = self._other_names_or_data(found)
        if self.socket_id is not None and found.socket_id != self.socket_id:
            wrong.append(f"socket_id is {found.socket_id!r}, not {self.socket_id!r}")
        return wrong

    def _other_names_or_data(self, found: PublishedEvent | Delivery) -> list[str]:
        wrong = []
        for what, wanted, name in (
            ("channel", self.channel, found.channel),
            ("event", self.event, found.event),
        ):
            if not _named(wanted, name):
                wrong.append(f"{what} is {name!r}, not {_name(wanted)}")
        if self.data is not ... and not self._same_data(found):
            wrong.append(f"data is {shorten(found.raw)}, not {shorten(shown(self.data))}")
            if channel_kind(found.channel).encrypted:
                wrong.append(
                    "data is encrypted: assert on the channel and event, and read it with "
                    "pusher_mock.testing.decrypt(channel, event.raw, master_key)"
                )
            elif len(wrong) == 1:  # of another event's data nobody wants to know the fields
                wrong.extend(f"  {one}" for one in differences(self.data, found.data))
        return wrong

    def _same_data(self, found: PublishedEvent | Delivery) -> bool:
        if isinstance(self.data, str) and found.raw == self.data:
            return True
        # The data went through JSON: a tuple has become a list, a key a string. A regular
        # expression may be for the text that it was.
        return fits(self.data, found.data) or (
            _is_pattern(self.data) and fits(self.data, found.raw)
        )

    def __str__(self) -> str:
        parts = [_said(self.event) if self.event is not None else "any event"]
        if self.channel is not None:
            parts.append(f"on {_said(self.channel)}")
        if self.data is not ...:
            parts.append(f"with data {shorten(shown(self.data))}")
        if self.socket_id is not None:
            parts.append(f"excluding {self.socket_id}")
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class WantedDelivery(Wanted):
    """What a delivery has to be.

    Attributes:
        where: asked about each delivery that is right so far.
        to: whether a connection, by its id, is among those that are meant; ``None`` for any.
        whose: those, in words.
    """

    where: Callable[[Delivery], object] | None = None
    to: Callable[[str], bool] | None = None
    whose: str = ""

    def fits_delivery(self, found: Delivery) -> bool:
        """Whether a delivery is what was wanted."""
        return (self.to is None or self.to(found.connection)) and self.fits_but_for_whom(found)

    def fits_but_for_whom(self, found: Delivery) -> bool:
        """Whether a delivery is what was wanted, to whomever."""
        return (
            _named(self.channel, found.channel)
            and _named(self.event, found.event)
            and (self.data is ... or self._same_data(found))
            and (self.where is None or verdict(self.where, found) is None)
        )

    def misses_of(self, found: Delivery) -> list[str]:
        """Say in which respects a delivery differs; an empty list when it fits."""
        wrong = self._other_names_or_data(found)
        if self.to is not None and not self.to(found.connection):
            wrong.append(f"it went to {found.connection}, not to {self.whose}")
        against = verdict(self.where, found) if self.where is not None and not wrong else None
        return wrong if against is None else [against]

    def __str__(self) -> str:
        # Slots make another class of this one, which super() without arguments does not find.
        text = Wanted.__str__(self)
        return text if self.where is None else f"{text} where {_said(self.where)}"


def _named(wanted: Any, name: str) -> bool:
    if wanted is None or wanted == name:
        return True
    return not isinstance(wanted, str) and fits(wanted, name)


def _name(wanted: Any) -> str:
    return repr(wanted) if isinstance(wanted, str) else shown(wanted)


def _said(wanted: Any) -> str:
    return wanted if isinstance(wanted, str) else shown(wanted)


def _is_pattern(data: Any) -> bool:
    inner = data.wanted if isinstance(data, Subset) else data
    return hasattr(inner, "search") and hasattr(inner, "pattern")
