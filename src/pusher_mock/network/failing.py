"""Calls over HTTP that fail: of publishers, of those who authorize, of webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pusher_mock.engine import Respond
from pusher_mock.protocol.errors import UsageError

from .applied import Applied
from .conditions import is_count
from .ground import Ground
from .publishers import Failure, app_of, failure, peek
from .where import pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from pusher_mock.engine import HttpRequested, PublishedEvent

__all__ = ["FULL", "Failing", "Failures"]

_REMEMBERED: Final = 1_000  # failed calls, to notice when one is made again

FULL: Final = Respond(
    503,
    "A subscriber's queue is full\n",
    "a queue of the network was full, and its overflow is 'throw'; the other subscribers have "
    "been given the event",
)


class Failing:
    """Calls that fail, so many times."""

    def __init__(
        self, text: str, how: Failure, times: int | None, fits: Callable[[str], bool]
    ) -> None:
        self.text = text
        self.failure = how
        self.fits = fits
        self._left = times

    def use(self) -> Failure:
        """How one more call fails."""
        if self._left is not None:
            self._left -= 1
        return self.failure

    @property
    def spent(self) -> bool:
        """Whether it will fail nothing more."""
        return self._left is not None and self._left <= 0


class Failures(Ground):
    """The commands about calls over HTTP, and how each call fails. See ``Network``."""

    # Commands ----------------------------------------------------------------------------------

    def fail_publishes(
        self, status: int | str = 503, *, times: int | None = None, accepted: bool = False
    ) -> Applied:
        """Have calls of the HTTP API fail.

        Args:
            status: of the answer; ``timeout`` for none at all, ``refused`` for no connection.
            times: how many calls; ``None`` for all.
            accepted: the service carries the call out all the same, and only the answer is lost:
                a publisher that tries again publishes twice.

        Raises:
            UsageError: nothing like that can be said.
        """
        return self._fail("publish", status, "*", times, accepted=accepted)

    def fail_authorizations(
        self, status: int | str = 500, *, channel: Any = "*", times: int | None = None
    ) -> Applied:
        """Have the authorization of subscriptions fail: at the endpoint, so to speak.

        Args:
            status: of its answer; ``timeout`` for none at all, ``refused`` for no connection.
            channel: of which channels: a glob, or a compiled regular expression.
            times: how many; ``None`` for all.

        Raises:
            UsageError: nothing like that can be said.
        """
        return self._fail("authorize", status, channel, times)

    def fail_webhooks(
        self, status: int | str = 503, *, url: Any = "*", times: int | None = None
    ) -> Applied:
        """Have the POST of webhooks fail.

        Args:
            status: of the answer; ``timeout`` for none at all, ``refused`` for no connection.
            url: to which targets: a glob, or a compiled regular expression.
            times: how many attempts; ``None`` for all.

        Raises:
            UsageError: nothing like that can be said.
        """
        return self._fail("webhook", status, url, times)

    def _fail(
        self, what: str, status: int | str, match: Any, times: int | None, *, accepted: bool = False
    ) -> Applied:
        if times is not None and not is_count(times, 1):
            raise UsageError(f"times takes a number from 1, or None for all, not {times!r}")
        how = failure(status, accepted=accepted)
        failing = Failing(f"{what} fails {how}", how, times, pattern(match, "a pattern"))
        with self._port.lock:
            self._failing[what].append(failing)
            said = self.log.say("", failing.text, failing)
            self._settle()

        def undo() -> None:
            with self._port.lock:
                kept = [one for one in self._failing[what] if one is not failing]
                self._failing[what] = kept
                self._settle()

        return Applied(failing.text, undo, said)

    def authorization_failure(
        self, channel: str, app: str | None = None, socket_id: str | None = None
    ) -> Failure | None:
        """How the authorization of a subscription fails; ``None`` when it does not.

        Args:
            channel: the channel's name.
            app: the app's id, if it is known.
            socket_id: the connection's, if it is known.
        """
        if self.calm:
            return None
        with self._port.lock:
            found = self._first_failure("authorize", channel)
            if found is None:
                pair = None
                if socket_id is not None:
                    pair = (self._by_socket(socket_id) or "", socket_id)
                rate = self.rate("auth_error_rate", app, channel, pair)
                if rate and self.traffic.chance() < rate:
                    found = Failure("answer", 500, reason="weather")
            self._settle()
        if found is not None:
            self._port.inject(f"authorization of {channel} fails {found}")
        return found

    def webhook_failure(self, url: str) -> Failure | None:
        """How the POST of a webhook fails; ``None`` when it does not."""
        if self.calm:
            return None
        with self._port.lock:
            found = self._first_failure("webhook", url)
            self._settle()
            return found

    def _first_failure(self, what: str, name: str) -> Failure | None:
        for failing in self._failing[what]:
            if failing.fits(name):
                return failing.use()
        return None

    def note_retry(self, channel: str, event: str) -> None:
        """Count that somebody tries again: for code that repeats a delivery by itself."""
        with self._port.lock:
            self.meter.tally(channel, event).retried += 1

    # Calls of publishers -----------------------------------------------------------------------

    def before_request(self, request: HttpRequested, at: float) -> Failure | None:
        """How a call of the HTTP API fails; ``None`` when it does not."""
        app = self._port.find_app(app_of(request), dict(request.query).get("auth_key"))
        events = peek(request, at, app)
        key = request.method, request.path, request.body
        if key in self._failed:
            del self._failed[key]
            self._retried(events)
        failure = self._failure(app, events)
        if failure is not None:
            while len(self._failed) >= _REMEMBERED:
                del self._failed[next(iter(self._failed))]
            self._failed[key] = None
        self._settle()
        return failure

    def _failure(self, app: str | None, events: list[PublishedEvent]) -> Failure | None:
        if self.down:
            return Failure("refused", reason="network down")
        if self._failing["publish"]:  # those that are spent are in there no more
            return self._failing["publish"][0].use()
        for fault in self._faults:
            if fault.action == "error":
                hit = next((one for one in events if self.fits(fault, one)), None)
                if hit is not None:
                    fault.hits += 1
                    return fault.failure
        channels: list[str | None] = [event.channel for event in events]
        channels = channels or [None]
        rate = max(self.rate("error_rate", app, channel, None) for channel in channels)
        if rate and self.traffic.chance() < rate:
            status = max(
                self.rate("error_status", app, channel, None) or 503 for channel in channels
            )
            return Failure("answer", int(status), reason="error_rate")
        return None

    def _retried(self, events: list[PublishedEvent]) -> None:
        for event in events:
            self.meter.tally(event.channel, event.event).retried += 1
