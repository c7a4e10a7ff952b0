"""Reads settings from the environment, as libraries for that do."""

import os


class UndefinedValueError(Exception):
    """A variable without a default is not set."""


def config(name: str) -> str:
    """The value of a variable."""
    try:
        return os.environ[name]
    except KeyError:
        raise UndefinedValueError(f"{name} not found. Declare it as envvar.") from None
