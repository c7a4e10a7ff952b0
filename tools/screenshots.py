"""Make the pictures of the documentation.

    python -m tools.screenshots

Two people on the same task of the Django example, side by side and live. The example runs as
`make run` runs it, with a database of its own; Chromium takes the pictures.
"""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.scenarios.chromium import chromium
from tests.scenarios.people import Person
from tests.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from tests.scenarios.people import Tab

__all__ = ["main"]

ROOT: Final = Path(__file__).resolve().parent.parent
TARGET: Final = ROOT / "docs" / "assets" / "example-two-windows.png"
MOST_BYTES: Final = 200_000
TIMEOUT_S: Final = 60

_TASK: Final = "Let customers pay with a saved card"
_WINDOW: Final = {"width": 660, "height": 640}
_LOOK: Final[dict[str, Any]] = {
    "viewport": _WINDOW,
    "color_scheme": "light",
    "reduced_motion": "reduce",
    "timezone_id": "UTC",
}

# What stands around the two pictures.
_FRAME: Final = """<!doctype html>
<style>
  body { margin: 0; padding: 28px; display: inline-flex; gap: 28px;
         background: linear-gradient(135deg, #dfe5f6, #f3e9e2); }
  figure { margin: 0; border-radius: 10px; overflow: hidden;
           box-shadow: 0 12px 36px rgb(31 36 48 / .22); }
  figcaption { display: flex; gap: 7px; padding: 10px 14px; background: #e9e7e1; }
  i { width: 11px; height: 11px; border-radius: 50%; background: #c9c5bb; }
  img { display: block; }
</style>"""


@contextmanager
def _example(folder: Path) -> Iterator[str]:
    """The example as `make run` runs it; yields its address."""
    port = free_port()
    process = subprocess.Popen(
        [ROOT / "tools" / "run_demo.sh"],
        env=os.environ | {"PORT": str(port), "DJANGO_DB_FILE": str(folder / "db.sqlite3")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "Quit the server with" in line:
                break
        else:
            raise RuntimeError("".join(said))
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=TIMEOUT_S)


def _two_windows(browser: Browser, site: str) -> bytes:
    people = [Person(browser, site, name, **_LOOK) for name in ("ada", "ben")]
    windows = []
    for person in people:
        window = person.tab().open("/w/acme/")
        window.page.get_by_role("link", name=_TASK).click()
        window.sees_state("Live")
        windows.append(window)
    ada, ben = windows
    for window in windows:
        window.sees_here("Ada Moreno", "Ben Okafor")
    _say(ada, ben, "The confirmation page is on the test shop. Can you try it?")
    _say(ben, ada, "Looking at it right now.")
    ada.page.get_by_label("Message").fill("Great, I am ")
    shots = [_shot(window) for window in windows]
    for person in people:
        person.close()
    return _framed(browser, shots)


def _say(author: Tab, reader: Tab, text: str) -> None:
    author.say(text)
    expect(author.message(text)).not_to_contain_text("Sending")
    expect(reader.message(text)).to_be_visible()


def _shot(window: Tab) -> bytes:
    # The number of a port is no part of the picture.
    window.page.locator(".mode").evaluate("line => line.remove()")
    window.page.evaluate("scrollTo(0, 0)")
    return window.page.screenshot()


def _framed(browser: Browser, shots: list[bytes]) -> bytes:
    page = browser.new_page()
    figures = "".join(
        "<figure><figcaption><i></i><i></i><i></i></figcaption>"
        f'<img src="data:image/png;base64,{base64.b64encode(shot).decode()}"></figure>'
        for shot in shots
    )
    page.set_viewport_size({"width": 2 * _WINDOW["width"] + 3 * 28, "height": 100})
    page.set_content(_FRAME + figures)
    return page.screenshot(full_page=True)


def main() -> int:
    """Return 0 when the picture has been made and is small enough."""
    with tempfile.TemporaryDirectory() as folder, _example(Path(folder)) as site, chromium() as one:
        picture = _two_windows(one, site)
    if len(picture) > MOST_BYTES:
        print(f"screenshots: {len(picture)} bytes are more than {MOST_BYTES}")
        return 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_bytes(picture)
    print(f"screenshots: {TARGET.relative_to(ROOT)}, {len(picture)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
