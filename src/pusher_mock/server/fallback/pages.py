"""What SockJS writes into pages, with nothing in it that a stranger's page could choose.

The iframe runs in this server's origin, and its address says which script it loads: whoever
embeds it could run anything here. So scripts come only from where pusher-js takes them, from this
machine, or from the server's own host, which could serve scripts anyway.
"""

from __future__ import annotations

import re
from html import escape
from typing import Final

from pusher_mock.core.loopback import bare_host, is_loopback
from pusher_mock.protocol.frames import dumps

__all__ = [
    "callback_of",
    "eventsource_frame",
    "htmlfile_frame",
    "htmlfile_start",
    "iframe_page",
    "jsonp_frame",
    "script_of",
]

_CALLBACK: Final = re.compile(r"[A-Za-z0-9_.]{1,64}")
# Nothing that a browser might read in another way: no user, no backslash, no blank.
_SCRIPT: Final = re.compile(
    r"https?://([A-Za-z0-9.-]+|\[::1\])(?::[0-9]{1,5})?/[A-Za-z0-9._~/%?=&+-]*"
)
_CDN: Final = "js.pusher.com"  # facts 4.3
_PRELUDE: Final = 1_024  # facts 4.3: browsers hold less back

_IFRAME: Final = """<!DOCTYPE html>
<html>
<head>
<meta charset="UTF-8">
<script nonce="{nonce}" src="{script}"></script>
<script nonce="{nonce}">SockJS.bootstrap_iframe();</script>
</head>
<body></body>
</html>
"""
_HTMLFILE: Final = """<!DOCTYPE html>
<html>
<head><meta charset="UTF-8"></head>
<body>
<script>
var c = parent.{callback};
c.start();
function p(d) {{ c.message(d); }}
window.onload = c.stop;
</script>
"""


def callback_of(text: str | None) -> str | None:
    """The name of a JavaScript function, unless it is something else."""
    return text if text is not None and _CALLBACK.fullmatch(text) else None


def script_of(url: str | None, host: str) -> str | None:
    """The address of a script that the iframe may load.

    Args:
        url: what the client asks for.
        host: the ``Host`` header of the request.

    Returns:
        The address, or ``None`` when it is none, or of a host that is not trusted.
    """
    found = _SCRIPT.fullmatch(url or "")
    if found is None:
        return None
    where = found[1].lower()
    trusted = where in (_CDN, bare_host(host)) or is_loopback(where)
    return url if trusted else None


def iframe_page(script: str, nonce: str) -> tuple[bytes, bytes]:
    """The page that SockJS puts between a page and this server, and its security policy."""
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; connect-src 'self'; frame-src 'self'; "
        "base-uri 'none'; form-action 'none'"
    )
    page = _IFRAME.format(script=escape(script), nonce=escape(nonce))
    return page.encode(), policy.encode()


def htmlfile_start(callback: str) -> bytes:
    """How the page that never ends begins."""
    return _HTMLFILE.format(callback=callback).ljust(_PRELUDE).encode() + b"\r\n\r\n"


def htmlfile_frame(frame: str) -> bytes:
    """A frame within it."""
    text = dumps(frame).replace("<", "\\u003c")  # it must not end the script
    return f"<script>\np({text});\n</script>\r\n".encode()


def eventsource_frame(frame: str) -> bytes:
    """A frame as an event."""
    # CR, LF and NUL are to be escaped as well (facts 4.3), but JSON in ASCII has none.
    return b"data: %b\r\n\r\n" % frame.replace("%", "%25").encode()


def jsonp_frame(callback: str, frame: str) -> bytes:
    """A frame as a script."""
    # The comment keeps the answer from beginning with what the client chose.
    return f"/**/{callback}({dumps(frame)});\r\n".encode()
