"""A file that a command writes when it is done, and that it looks at before it begins."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .failures import Wrong

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["PageFile", "write_page"]

_STDOUT = "-"


class PageFile(click.Path):
    """Where a page goes: a path that can be written, or ``-`` for standard output.

    Looking leaves everything as it is: no empty file stays, and one that is there keeps what it
    holds until there is a page.
    """

    def __init__(self) -> None:
        super().__init__(dir_okay=False, allow_dash=True)

    def convert(
        self,
        value: str | PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        """Refuse, with exit status 2, what cannot be written."""
        path = super().convert(value, param, ctx)
        if path != _STDOUT and not (ctx is not None and ctx.resilient_parsing):
            try:
                _try(Path(os.fsdecode(path)))
            except OSError as error:
                self.fail(_refusal(path, error), param, ctx)
        return path


def _try(path: Path) -> None:
    """Open it for writing, without writing.

    Raises:
        OSError: it cannot be.
    """
    if path.is_file():
        path.open("ab").close()
    elif not path.exists():  # a device or a pipe is not opened for nothing
        there = Path(os.path.realpath(path))  # a link may lead where nothing is yet
        there.open("xb").close()
        there.unlink()


def write_page(path: str, text: str) -> None:
    """Write a page.

    Args:
        path: what ``PageFile`` returned.
        text: the page.

    Raises:
        Wrong: it cannot be written any more.
    """
    if path == _STDOUT:
        click.echo(text, nl=False)
        return
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Wrong(_refusal(path, error)) from error


def _refusal(path: Any, error: OSError) -> str:
    return f"{path} cannot be written: {error.strerror}"
