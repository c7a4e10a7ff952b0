"""The commands together, and what becomes of their errors."""

from __future__ import annotations

from typing import Any

import click

from pusher_mock.protocol.errors import PusherMockError

from .channels import channels
from .doctor import doctor
from .env import env
from .extras import EXTRAS, remedy
from .failures import Wrong
from .run import run
from .serve import serve
from .simulate import simulate
from .tail import tail
from .trigger import trigger
from .version import version

__all__ = ["commands"]


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PusherMockError as error:
            raise Wrong(str(error)) from None
        except ModuleNotFoundError as error:
            if error.name not in EXTRAS:
                raise
            raise Wrong(remedy(error.name)) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)  # in the order of use


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine, 1 the server said no or is not there, 2 the command is wrong.",
)
def commands() -> None:
    """Pusher Channels on your own machine.

    Run your application as it is with `pusher-mock run`, and every call of Pusher is caught. Or
    start a server with `pusher-mock serve`, point your application at it with the line
    PUSHER_MOCK_URL=… that it prints, then publish, look and listen from another terminal.
    Each command explains itself: `pusher-mock serve --help`.
    """


for _command in (run, serve, trigger, channels, tail, simulate, env, doctor, version):
    commands.add_command(_command)
