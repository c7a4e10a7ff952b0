"""Where the command begins: nothing but the standard library is sure to be there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .extras import EXTRAS, remedy

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``pusher-mock``.

    Args:
        arguments: those of the process by default.

    Raises:
        SystemExit: always, with 0 when it went well, 1 when a server said no or was not there,
            2 when the command was wrong or something is not installed.
    """
    try:
        from .group import commands
    except ModuleNotFoundError as error:
        if error.name not in EXTRAS:
            raise
        print(f"Error: {remedy(error.name)}", file=sys.stderr)
        raise SystemExit(_USAGE) from None
    commands.main(args=arguments, prog_name="pusher-mock")
