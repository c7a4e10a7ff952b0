"""Two modules named ``compat``: the switch of this package, and one of the application's own.

Only a top-level module can clash; ``myproject/compat.py`` does not. ``python -m
pusher_mock.clash`` says which one an import finds, and exits with 1 when it is not the switch.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NAMES", "ROOMS", "Clash", "explain", "find", "main"]

NAMES: Final = frozenset(
    {
        "AsyncHttpxBackend",
        "AsyncPusher",
        "ConfigurationError",
        "HttpxBackend",
        "MocksRefused",
        "PusherSettings",
        "frontend_config",
        "get_async_pusher_server",
        "get_pusher_client",
        "get_pusher_server",
        "get_pusher_settings",
        "is_mocked",
        "override",
        "pusher_server",
        "reset_cache",
    }
)
"""What applications import from the switch."""

ROOMS: Final = frozenset({"broker", "django", "flask", "starlette"})
"""The packages of the switch that applications name."""

_OURS: Final = Path(__file__).resolve().parent.parent / "compat"
_IMPORTED: Final = re.compile(r"cannot import name '(\w+)' from 'compat'")
_LONGEST_CHAIN: Final = 20


@dataclass(frozen=True, slots=True)
class Clash:
    """Which module an import of ``compat`` finds, and which one it hides.

    Attributes:
        found: the file or folder that is imported.
        hidden: the one that is not.
        switch_is_hidden: whether that is the switch; otherwise the application's own is.
    """

    found: Path
    hidden: Path
    switch_is_hidden: bool

    def __str__(self) -> str:
        """What is wrong and what to do."""
        other = self.found if self.switch_is_hidden else self.hidden
        first = (
            f"`import compat` finds {self.found}, which hides the switch of pusher-mock "
            f"({self.hidden})."
            if self.switch_is_hidden
            else f"`import compat` finds the switch of pusher-mock ({self.found}), which hides "
            f"{self.hidden}."
        )
        return (
            f"{first}\n"
            "Two top-level modules cannot share a name, and the first one on sys.path wins. "
            f"Rename {other.name}, or move it into the package of your project: "
            "myproject/compat.py clashes with nothing."
        )


def find() -> Clash | None:
    """Return the clash, or ``None`` when there is one module of that name, or none."""
    found = _location()
    if found is None:
        return None
    if found != _OURS:
        return Clash(found, _OURS, switch_is_hidden=True)
    other = next(_others(), None)
    return None if other is None else Clash(_OURS, other, switch_is_hidden=False)


def explain(error: BaseException) -> str | None:
    """Return what to do when an error came from the clash.

    Args:
        error: what was raised; its causes are looked at, too.

    Returns:
        The text, or ``None`` when the error is about something else.
    """
    clash = find()
    if clash is None:
        return None
    for one in _chain(error):
        about = _about(one)
        if about is not None and about is clash.switch_is_hidden:
            return str(clash)
    return None


def main() -> int:
    """Print which module is found; the exit status is 1 when another one hides the switch."""
    clash = find()
    if clash is None:
        print(f"`import compat` finds the switch of pusher-mock: {_OURS}")
        return 0
    print(clash)
    return int(clash.switch_is_hidden)


def _location() -> Path | None:
    """The file or folder that an import of ``compat`` finds now."""
    loaded = sys.modules.get("compat")
    try:
        spec = importlib.util.find_spec("compat") if loaded is None else loaded.__spec__
    except ValueError:  # somebody has put a module without a spec there
        return None
    origin = None if spec is None else spec.origin
    if origin is None:
        return None
    path = Path(origin).resolve()
    return path.parent if path.name == "__init__.py" else path


def _others() -> Iterator[Path]:
    """Every other top-level module of that name on the path."""
    for folder in sys.path:
        base = Path(folder or ".").resolve()
        for candidate in (base / "compat.py", base / "compat" / "__init__.py"):
            place = candidate.parent if candidate.name == "__init__.py" else candidate
            if place != _OURS and candidate.is_file():
                yield place


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(_LONGEST_CHAIN):  # an application may have tied a knot
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _about(error: BaseException) -> bool | None:
    """Whether an error misses the switch (true) or another ``compat`` (false), or neither."""
    if isinstance(error, ModuleNotFoundError):
        package, _, rest = (error.name or "").partition(".")
        return rest.partition(".")[0] in ROOMS if package == "compat" and rest else None
    if isinstance(error, ImportError):
        match = _IMPORTED.search(str(error))
        return match[1] in NAMES if match else None
    if isinstance(error, AttributeError) and error.obj is sys.modules.get("compat", error):
        return error.name in NAMES
    return None


if __name__ == "__main__":
    raise SystemExit(main())
