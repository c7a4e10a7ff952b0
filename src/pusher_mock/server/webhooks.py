"""Webhooks over the network: POST, try again, give up (facts 3.1)."""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from threading import Condition, Thread, current_thread
from typing import TYPE_CHECKING, Final, Literal

from pusher_mock.clock.machine import monotonic
from pusher_mock.core.logs import logger

if TYPE_CHECKING:
    import httpx

    from pusher_mock.clock import Clock, Timer
    from pusher_mock.engine.effects import DeliverWebhook
    from pusher_mock.network import Network
    from pusher_mock.network.publishers import Failure

    from .exchange import Poster

__all__ = ["Attempt", "Delivery", "WebhookSender"]

TIMEOUT_SECONDS: Final = 4.0  # facts 3.1.5
GIVE_UP_AFTER: Final = 300_000  # facts 3.1.5: since the first attempt
FIRST_RETRY: Final = 1_000  # facts 3.1.5, 8.9
RETRY_FACTOR: Final = 2  # facts 3.1.5, 8.9
DEFAULT_LOG: Final = 1_000  # deliveries remembered, the mock's own default

State = Literal["waiting", "delivered", "given up"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One POST.

    Attributes:
        at: the clock when it began, in milliseconds.
        status: the status of the answer; ``None`` when none came in time.
        error: why none came; empty otherwise.
    """

    at: float
    status: int | None
    error: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """What has become of a webhook.

    Attributes:
        webhook: what is sent.
        attempts: what was tried, oldest first.
        state: ``waiting`` for its turn, an answer or the next attempt, and for ever once the
            sender is closed; ``delivered``; or ``given up``.
    """

    webhook: DeliverWebhook
    attempts: tuple[Attempt, ...]
    state: State

    def __repr__(self) -> str:
        return f"<Delivery {_shown(self.webhook.url)} {self.state} attempts={len(self.attempts)}>"


@dataclass(slots=True, eq=False)
class _Record:
    webhook: DeliverWebhook
    attempts: list[Attempt] = field(default_factory=list)
    state: State = "waiting"


@dataclass(slots=True, eq=False)
class _Lane:
    """One URL: its worker, what is due, what waits for the clock."""

    thread: Thread = field(init=False)
    busy: bool = False
    due: deque[_Record] = field(default_factory=deque)
    later: dict[_Record, Timer] = field(default_factory=dict)


class WebhookSender:
    """POSTs webhooks, each URL by a thread of its own, so that a dead target delays nobody else.

    2xx in time is delivered. Anything else is tried again after 1, 2, 4, … seconds of the clock,
    which somebody has to run, as long as that is within the window.

    Args:
        clock: times the repetitions. Worker threads set its timers.
        network: asked about every attempt, which it may fail.
        timeout: seconds of real time for a whole exchange. Only the look-up of the host's name
            may take longer: a program cannot end it.
        give_up_after: the window, in milliseconds since the first attempt.
        transport: takes the place of the network. It is used by several threads, keeps its own
            time limits, and is not closed.
        log_size: how many deliveries are remembered.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        network: Network | None = None,
        timeout: float = TIMEOUT_SECONDS,
        give_up_after: float = GIVE_UP_AFTER,
        transport: httpx.BaseTransport | None = None,
        log_size: int = DEFAULT_LOG,
    ) -> None:
        self._clock = clock
        self._network = network
        self._timeout = timeout
        self._give_up_after = give_up_after
        self._transport = transport
        self._log: deque[_Record] = deque(maxlen=log_size)
        self._lanes: dict[str, _Lane] = {}
        self._closed = False
        # Held for moments only, since `send` is called under the core's lock: under it there is
        # no log, no code of others, and no lock but the clock's own.
        self._changed = Condition()

    @property
    def deliveries(self) -> list[Delivery]:
        """What was sent and what became of it, oldest first; a copy that stays as it is."""
        with self._changed:
            return [Delivery(one.webhook, tuple(one.attempts), one.state) for one in self._log]

    def send(self, webhook: DeliverWebhook) -> None:
        """Deliver a webhook in the background, after those that are due at its URL already.

        Body and headers go out as they are. What comes with them is ``Host``, ``Content-Length``
        and, from a user name in the URL, ``Authorization``.
        """
        with self._changed:
            if not self._closed:
                record = _Record(webhook)
                self._lane(webhook.url).due.append(record)
                self._log.append(record)
                self._changed.notify_all()
                return
        logger.debug("webhook to %s ignored: the sender is closed", _shown(webhook.url))

    def wait_until_idle(self, timeout: float = 5.0) -> bool:
        """Wait until nothing is due or under way; what waits for the clock does not count.

        Args:
            timeout: seconds of real time.

        Returns:
            Whether it came to that in time.
        """
        with self._changed:
            return self._changed.wait_for(
                lambda: not any(lane.busy or lane.due for lane in self._lanes.values()), timeout
            )

    def close(self) -> None:
        """Begin no attempt any more, and wait for those under way as long as they may take."""
        until = monotonic() + self._timeout
        with self._changed:
            self._closed = True
            lanes = list(self._lanes.values())
            for lane in lanes:
                for timer in lane.later.values():
                    timer.cancel()
                lane.due.clear()
                lane.later.clear()
            self._changed.notify_all()
        for lane in lanes:
            if lane.thread is not current_thread():  # a transport may call the application
                lane.thread.join(max(0.0, until - monotonic()))

    def _lane(self, url: str) -> _Lane:
        lane = self._lanes.get(url)
        if lane is None:
            lane, name = _Lane(), f"pusher-mock webhooks {_shown(url)}"
            lane.thread = Thread(target=self._work, args=(url, lane), name=name, daemon=True)
            lane.thread.start()
            self._lanes[url] = lane
        return lane

    def _work(self, url: str, lane: _Lane) -> None:
        from .exchange import Poster  # by the first worker: it brings httpx

        poster = Poster(self._transport, self._timeout)
        while (record := self._next(url, lane)) is not None:
            at = self._clock.now()
            status, error = self._post(poster, record)
            self._note(lane, record, Attempt(at, status, error))

    def _post(self, poster: Poster, record: _Record) -> tuple[int | None, str]:
        network, webhook = self._network, record.webhook
        if network is not None:
            if record.attempts:
                for channel, event in _events(webhook.body):
                    network.note_retry(channel, event)
            failure = network.webhook_failure(webhook.url)
            if failure is not None:
                return _failed(failure, self._timeout)
        return poster.post(webhook)

    def _next(self, url: str, lane: _Lane) -> _Record | None:
        with self._changed:
            lane.busy = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: lane.due or not lane.later)
            if not lane.due:
                del self._lanes[url]
                return None
            lane.busy = True
            return lane.due.popleft()

    def _note(self, lane: _Lane, record: _Record, attempt: Attempt) -> None:
        now, tries, announced = self._clock.now(), len(record.attempts) + 1, True
        wait: float = FIRST_RETRY * RETRY_FACTOR ** (tries - 1)
        with self._changed:
            record.attempts.append(attempt)
            left = record.attempts[0].at + self._give_up_after - now
            wait = min(wait, left)  # the last attempt comes when the window ends, not before
            if attempt.status is not None and 200 <= attempt.status < 300:
                record.state = "delivered"
            elif left <= 0:
                record.state = "given up"
            elif not self._closed:
                retry = partial(self._retry, lane, record)
                lane.later[record] = self._clock.call_at(now + wait, retry)
                announced = tries > 1
        url, outcome = _shown(record.webhook.url), attempt.error or f"status {attempt.status}"
        if record.state == "given up":
            text = "webhook to %s given up; attempts: %d, the last: %s"
            logger.warning(text, url, tries, outcome)
        elif not announced:
            text = "webhook to %s failed: %s; tried again in %g s, and until %g s have passed"
            logger.warning(text, url, outcome, wait / 1000, self._give_up_after / 1000)

    def _retry(self, lane: _Lane, record: _Record) -> None:
        with self._changed:
            if lane.later.pop(record, None) is not None:  # not closed meanwhile
                lane.due.append(record)
                self._changed.notify_all()


def _failed(failure: Failure, timeout: float) -> tuple[int | None, str]:
    """What an attempt that the network fails comes to, in the words of one that really failed."""
    if failure.kind == "answer":
        return failure.status, ""
    if failure.kind == "timeout":
        return None, f"no answer within {timeout:g} s"
    return None, "ConnectError: the network has refused this connection"


def _events(body: bytes) -> list[tuple[str, str]]:
    """Channel and name of each event in a webhook."""
    try:
        events = json.loads(body)["events"]
        return [(str(one.get("channel", "")), str(one["name"])) for one in events]
    except (ValueError, TypeError, KeyError, AttributeError):
        return []


def _shown(url: str) -> str:
    """The URL without what may be a secret: the user's name and password, and the query."""
    return re.sub("//[^/@]*@", "//", url, count=1).partition("?")[0]
