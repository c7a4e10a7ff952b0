"""Test cases that tests run themselves."""

from __future__ import annotations

import unittest

from pusher_mock import MockPusherServer

__all__ = ["PUBLISHER", "Case", "problems", "run"]

# An application's publisher, built at import.
PUBLISHER = MockPusherServer("1", "k", "s")


class Case(unittest.TestCase):
    """Run by the tests here, not by pytest."""

    __test__ = False


def run(case: type[unittest.TestCase]) -> unittest.TestResult:
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    return result


def problems(result: unittest.TestResult) -> str:
    return "\n".join(text for _, text in result.failures + result.errors)
