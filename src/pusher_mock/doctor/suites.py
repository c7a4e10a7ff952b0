"""What runs a project's tests, by what stands in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .walk import is_test

if TYPE_CHECKING:
    from .walk import Source

__all__ = ["Suites"]

_PYTEST: Final = re.compile(r"\bpytest\b")  # in what requires or configures things
_IMPORT: Final = re.compile(rb"^[ \t]*(?:import|from)[ \t]+pytest\b", re.MULTILINE)
_TEST: Final = re.compile(
    rb"^(?:(?:async[ \t]+)?def[ \t]+test_|"
    rb"class[ \t]+Test\w*[ \t]*(?:\([ \t]*(?:object)?[ \t]*\))?:)",
    re.MULTILINE,
)
_UNITTEST: Final = re.compile(rb"\bimport[ \t]+unittest\b|\bfrom[ \t]+unittest\b|TestCase\b")


class Suites:
    """What has been seen of tests.

    Attributes:
        pytest: whether anything says that they run under pytest.
        unittest: whether there are tests that `unittest`, or Django's runner, would run.
    """

    def __init__(self) -> None:
        self.pytest = False
        self.unittest = False

    def see(self, source: Source, data: bytes) -> None:
        """Look at one file."""
        if source.kind != "python":
            return
        tests = is_test(source.path)
        named = source.path.rpartition("/")[2] == "conftest.py"
        if named or _IMPORT.search(data) or (tests and _TEST.search(data)):
            self.pytest = True
        if tests and _UNITTEST.search(data):
            self.unittest = True

    def require(self, text: str) -> None:
        """Look at a file that configures tools, or says what has to be installed."""
        self.pytest = self.pytest or bool(_PYTEST.search(text))
