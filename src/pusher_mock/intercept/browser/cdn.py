"""pusher-js as its npm package has it, for pages that load it from ``js.pusher.com``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pusher_mock.protocol.errors import UsageError

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["find_builds"]

_PACKAGE = Path("node_modules", "pusher-js")
_WEB = Path("dist", "web")
_BUILD = "pusher.min.js"
_REMEDY = (
    "`npm install pusher-js` (--save-dev will do), or name the folder with "
    "script='.../node_modules/pusher-js/dist/web'; script=False where the pages bring their own"
)


def find_builds(script: str | PathLike[str] | bool | None = None) -> Path | None:
    """The folder that has ``pusher.min.js``.

    Args:
        script: that folder, or the package's; without it ``node_modules/pusher-js`` is looked for
            in the working directory and the ones above; ``False`` for none.

    Returns:
        The folder, or ``None`` when none is wanted.

    Raises:
        UsageError: it is not there.
    """
    if script is False:
        return None
    if script is None or script is True:
        here = Path.cwd()
        for folder in (here, *here.parents):
            if (folder / _PACKAGE / _WEB / _BUILD).is_file():
                return folder / _PACKAGE / _WEB
        raise UsageError(
            f"there is no {_PACKAGE.as_posix()} in {here} or above, to answer pages that load "
            f"pusher-js from js.pusher.com: {_REMEDY}"
        )
    given = Path(script)
    for folder in (given, given / _WEB):
        if (folder / _BUILD).is_file():
            return folder.absolute()
    raise UsageError(f"there is no {_BUILD} in script={str(given)!r}: {_REMEDY}")
