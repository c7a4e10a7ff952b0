"""What older SDKs lack: a test of something they do not have is not run with them.

`make matrix` runs the suite with each supported release (`tools/matrix.py`). With the newest one
nothing is left out; `tests/test_matrix.py` sees to that.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version

import pytest

__all__ = [
    "AIOHTTP",
    "FEATURES",
    "Feature",
    "needs_aiohttp",
    "needs_plain_unicode",
    "needs_users",
]

PUSHER = tuple(int(part) for part in version("pusher").split(".")[:3])


@dataclass(frozen=True, slots=True)
class Feature:
    """Something a release of `pusher` brought.

    Attributes:
        since: The first release that has it.
        what: What it is, as the reason of a skipped test says it.
    """

    since: tuple[int, int, int]
    what: str

    @property
    def here(self) -> bool:
        """Whether the installed SDK has it."""
        return self.since <= PUSHER

    @property
    def mark(self) -> pytest.MarkDecorator:
        """The mark of a test that needs it."""
        release = ".".join(map(str, self.since))
        return pytest.mark.skipif(not self.here, reason=f"needs pusher {release}: {self.what}")


USERS = Feature((3, 3, 3), "authenticate_user, send_to_user, #server-to-user- channels")
PLAIN_UNICODE = Feature((3, 3, 2), "data goes out as it is, not escaped to ASCII")
AIOHTTP = Feature((3, 3, 4), "an aiohttp back end that Python 3.11 can import")

FEATURES = (USERS, PLAIN_UNICODE, AIOHTTP)

needs_users = USERS.mark
needs_plain_unicode = PLAIN_UNICODE.mark
needs_aiohttp = AIOHTTP.mark
