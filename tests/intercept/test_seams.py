"""Replacing a function of a library, and what may be in its place."""

from __future__ import annotations

import inspect
import sys
from types import ModuleType
from typing import Any

import pytest

from pusher_mock import UsageError
from pusher_mock.intercept.exchange import key_of, reason
from pusher_mock.intercept.hosts import is_service, read_host, read_hosts
from pusher_mock.intercept.imports import ImportWatch
from pusher_mock.intercept.seams import Seam

NAME = "a_library"


class Base:
    def send(self, text: str) -> str:
        return f"real {text}"


class Client(Base):
    pass


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType(NAME)
    made: Any = module
    made.Client = type("Client", (Base,), {"__module__": NAME})
    made.__spec__ = None
    monkeypatch.setitem(sys.modules, NAME, module)
    return module


def replace(original: Any) -> Any:
    def send(self: Any, text: str) -> str:
        return f"caught {text}, not {original(self, text)}"

    return send


def test_what_is_inherited_is_taken_out_again(library: Any):
    seam = Seam(NAME, "Client.send", replace, home=__name__, name="Base.send")
    seam.install()
    seam.install()  # again is fine
    assert repr(seam) == f"<Seam {NAME}.Client.send installed>"
    assert library.Client().send("a") == "caught a, not real a"
    assert Base().send("a") == "real a"
    assert str(inspect.signature(library.Client.send)) == "(self, text: 'str') -> 'str'"
    assert seam.remove() is None
    assert "send" not in vars(library.Client)
    assert seam.remove() is None
    assert repr(seam) == f"<Seam {NAME}.Client.send>"


def test_what_some_versions_do_not_have(library: Any):
    for path in ("Client.post", "Nothing.send"):
        optional = Seam(NAME, path, replace, optional=True)
        optional.install()
        assert not optional.installed
    with pytest.raises(UsageError, match=r"a_library.Client.post is not there: this version"):
        Seam("a_library", "Client.post", replace).install()


def test_a_library_that_is_not_there():
    seam = Seam("no_such_library", "send", replace)
    seam.install()
    assert not seam.installed


def test_a_tolerant_one_lets_others_come_and_go(library: Any):
    seam = Seam(NAME, "Client.send", replace, tolerant=True)
    seam.install()
    ours = library.Client.send
    library.Client.send = lambda self, text: f"watched {ours(self, text)}"
    assert seam.remove() is None
    assert library.Client().send("a") == "watched caught a, not real a"


class Finder:
    """Finds one module, and counts how often it was asked."""

    def __init__(self, spec: Any) -> None:
        self.spec = spec

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        return self.spec if name == NAME else None


def test_a_finder_of_old_and_a_namespace(monkeypatch: pytest.MonkeyPatch):
    seen: list[str] = []
    watch = ImportWatch(seen.append)
    spec: Any = type("Spec", (), {"loader": None})()
    monkeypatch.setattr(sys, "meta_path", [watch, object(), Finder(spec)])
    watch.start(frozenset([NAME, "nowhere"]))
    watch.start(frozenset([NAME, "nowhere"]))
    assert sys.meta_path.count(watch) == 1
    found: Any = watch.find_spec(NAME, None)
    assert found is spec
    assert found.loader is None  # a namespace package executes nothing
    assert watch.find_spec("nowhere", None) is None
    assert watch.find_spec("another", None) is None
    watch.stop()
    watch.stop()
    assert seen == []


def test_a_loader_that_nobody_notices(monkeypatch: pytest.MonkeyPatch, library: ModuleType):
    seen: list[str] = []
    watch = ImportWatch(seen.append)
    made: list[ModuleType] = []

    class Theirs:
        resources = "theirs"

        def create_module(self, spec: Any) -> None:
            return None

        def exec_module(self, module: ModuleType) -> None:
            made.append(module)

    spec = type("Spec", (), {"loader": Theirs()})()
    monkeypatch.setattr(sys, "meta_path", [watch, Finder(spec)])
    watch.start(frozenset([NAME]))
    found: Any = watch.find_spec(NAME, None)
    assert found is spec
    assert found.loader.resources == "theirs"
    assert found.loader.create_module(spec) is None
    found.loader.exec_module(library)  # its specification is gone, as that of a script is
    assert made == [library]
    assert isinstance(library.__loader__, Theirs)
    assert seen == [NAME]


@pytest.mark.parametrize(
    ("host", "theirs"),
    [
        ("api-eu.pusher.com", True),
        ("WS-MT1.PUSHER.COM.", True),
        ("ws.pusherapp.com", True),
        ("pusher.com", False),
        ("notpusher.com", False),
        ("pusher.com.evil.test", False),
    ],
)
def test_pushers_hosts(host: str, theirs: bool):
    assert is_service(host) is theirs


def test_hosts_that_are_named():
    hosts = read_hosts(["localhost:6001", "[::1]", "*.soketi.test"])
    assert hosts.has("localhost", 6001)
    assert not hosts.has("localhost", 6002)
    assert hosts.has("localhost", None)
    assert hosts.has("::1", 80)
    assert hosts.has("eu.SOKETI.test.", 443)
    assert not hosts.has("soketi.test", 443)
    assert read_host("x:1") == ("x", 1)
    for wrong in ("http://x", "x/", "x:y", "", 5):
        with pytest.raises(UsageError, match="takes host names"):
            read_host(wrong)  # type: ignore[arg-type]


def test_the_key_of_a_call():
    assert key_of("/app/KEY?protocol=7") == "KEY"
    assert key_of(b"/app/") is None
    assert key_of("/apps/1/channels?auth_key=K&x=1") == "K"
    assert key_of("/apps/1/channels") is None
    assert reason(404) == "Not Found"
    assert reason(799) == ""
