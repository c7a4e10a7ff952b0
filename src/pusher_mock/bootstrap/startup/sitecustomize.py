"""Runs at the start of every Python process of ``pusher-mock run``, before the application.

Of any Python, from 2.7 on: the words are plain and old here, and the newer ones stand in
``pusher_mock/bootstrap/beginning.py``. ``pip`` and ``python -c`` start as well: nothing is imported
that an interpreter has not loaded by now.
"""

# ruff: noqa: ANN001, ANN202, UP004, UP031, UP036

import os
import sys

__all__ = []  # type: list[str]

# Every module that a door changes is below one of these, or imports one first.
_ROOTS = frozenset(
    (
        "aiohttp",
        "compat",
        "http",
        "httpx",
        "httpx2",
        "pusher",
        "pysher",
        "requests",
        "socket",
        "websocket",
        "websockets",
    )
)
_NETWORK = frozenset(("socket", "_socket"))  # what all of them import, in any Python
_NEEDED = (3, 11)
_FAILED = 2
_HERE = os.path.dirname(os.path.abspath(__file__))


def _give_up(why):
    # type: (str) -> None
    """Better no application than one that calls the real service."""
    text = "%s cannot catch calls of Pusher, and ends: %s" % (sys.executable, why)
    try:
        _tell("failed", " ".join(text.split()) + "\n")
        sys.stdout.flush()
        sys.stderr.write("pusher-mock: " + text + "\n")
        sys.stderr.flush()
    finally:
        os._exit(_FAILED)


def _tell(name, text):
    # type: (str, str) -> None
    """Leave something for `pusher-mock run` to read when the command has ended."""
    try:
        path = os.path.join(os.environ["PUSHER_MOCK_REPORTS"], name)
        file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    except (KeyError, OSError):  # it has ended already, and left this process behind
        return
    if sys.version_info >= (3,):  # in Python 2 text is bytes already
        os.write(file, text.encode("utf-8", "replace"))
    else:
        os.write(file, text)
    os.close(file)


class _TooOld(object):
    """Finds nothing: ends a process of an old Python before that reaches the network.

    One that does not, such as a script of a build, runs as ever.
    """

    def find_spec(self, fullname, path=None, target=None):
        # type: (str, object, object) -> None
        if fullname in _NETWORK:
            _refuse()

    find_module = find_spec  # as Python 2 asks


def _refuse():
    # type: () -> None
    has, needs = "%d.%d" % sys.version_info[:2], "%d.%d" % _NEEDED
    _give_up("it is Python " + has + ", and needs to be " + needs + " or newer")


def _begin():
    # type: () -> None
    """Have calls caught before the application could make one."""
    try:
        from _frozen_importlib import module_from_spec
        from _frozen_importlib_external import PathFinder

        # It has its name in the package, which is not imported by that.
        name = "pusher_mock.bootstrap.beginning"
        spec = PathFinder.find_spec(name, [os.path.dirname(_HERE)])
        if spec is None or spec.loader is None:
            raise ImportError("there is no module " + name)
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        module.begin_before(_ROOTS, _give_up)
    except Exception as error:  # or `site` tells about it, and goes on
        _give_up("%s: %s" % (type(error).__name__, error))


def _run_shadowed():
    # type: () -> None
    """Run the `sitecustomize` that this one hides; what it raises is reported as ever, by `site`.

    Only what stands behind this folder is hidden: what stands before has had its turn.
    """
    at = [number for number, one in enumerate(sys.path) if os.path.abspath(one) == _HERE]
    behind = sys.path[at[-1] + 1 :] if at else sys.path
    if sys.version_info < (3,):
        import imp

        try:
            found = imp.find_module("sitecustomize", behind)
        except ImportError:
            return
        _TooOld.module = sys.modules.pop("sitecustomize")  # Python 2 empties what nobody holds
        imp.load_module("sitecustomize", *found)
    else:
        from _frozen_importlib import module_from_spec
        from _frozen_importlib_external import PathFinder

        spec = PathFinder.find_spec("sitecustomize", behind)
        if spec is None or spec.loader is None:
            return
        module = module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


if "PUSHER_MOCK_INTERCEPT" in os.environ:
    _tell("caught", "")
    if sys.version_info >= _NEEDED:
        _begin()
    elif _NETWORK.isdisjoint(sys.modules):
        sys.meta_path.insert(0, _TooOld())
    else:
        _refuse()
_run_shadowed()
