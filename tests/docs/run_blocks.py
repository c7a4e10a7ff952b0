"""Run the Python blocks of one Markdown file; started by `test_code_blocks.py`, not collected.

A fresh interpreter for each document: nothing that an earlier test left behind can make a
document work that would fail for its reader.
"""

from __future__ import annotations

import ast
import sys
import traceback
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.docs.blocks import Block, is_pytest_style, read_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["main"]

AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


def _activate() -> ExitStack:
    """Enter a mock of its own, so that what an earlier block did cannot be seen."""
    from pusher_mock import PusherMock

    stack = ExitStack()
    stack.enter_context(PusherMock())
    return stack


def _run(block: Block, namespace: dict[str, Any]) -> None:
    code = compile(block.padded, str(block.path), "exec", flags=AWAIT, dont_inherit=True)
    result = eval(code, namespace)
    if result is not None:  # a block with `await` at its top level
        import asyncio

        asyncio.run(result)


@contextmanager
def _sockets() -> Iterator[None]:
    import pytest_socket

    pytest_socket.enable_socket()
    try:
        yield
    finally:
        pytest_socket.disable_socket(allow_unix_socket=True)


def main(document: str) -> int:
    """Run the blocks in order in one namespace; return 1 at the first that fails."""
    namespace: dict[str, Any] = {"__name__": "__docs__"}
    current = ExitStack()
    for block in read_blocks(Path(document)):
        if block.language != "python" or is_pytest_style(block):
            continue
        try:
            if "continued" not in block.marks:
                current.close()
                current = _activate()
            # Marked `loopback`, a block is about the wire.
            with _sockets() if "loopback" in block.marks else nullcontext():
                _run(block, namespace)
        except BaseException as error:
            # Only the frames from the document on: those of this runner tell a writer nothing.
            trace = error.__traceback__
            while trace is not None and trace.tb_frame.f_code.co_filename != str(block.path):
                trace = trace.tb_next
            traceback.print_exception(error.with_traceback(trace or error.__traceback__))
            line = trace.tb_lineno if trace else block.line
            print(f"\n{block.path}:{line}: this block fails", file=sys.stderr)
            return 1
    current.close()
    return 0


if __name__ == "__main__":
    import pytest_socket

    pytest_socket.disable_socket(allow_unix_socket=True)
    sys.exit(main(sys.argv[1]))
