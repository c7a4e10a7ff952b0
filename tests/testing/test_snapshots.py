"""Snapshots of the journal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pusher_mock import App, ExpectationFailed, PusherMock, SystemClock, UsageError, Webhook
from pusher_mock.testing.snapshots import snapshot, snapshot_path, snapshots_of

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = """
0ms opened mock-connection-1 <mock-connection-1> /app/mock-pusher-key?protocol=6
    send mock-connection-1 {"event":"pusher:connection_established","data":"{\\\\"socket_id\\\\":\\\\"<mock-connection-1>\\\\",\\\\"activity_timeout\\\\":120}"}
0ms received mock-connection-1 {"event": "pusher:subscribe", "data": {"channel": "c"}}
    send mock-connection-1 {"event":"pusher_internal:subscription_succeeded","channel":"c","data":"{}"}
0ms http POST /apps/mock-app-id/events
    published c e 1
    broadcast mock-connection-1 {"event":"e","channel":"c","data":"1"}
    respond 200 {}
"""  # noqa: E501 - a line for each input and effect


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI", "PUSHER_MOCK_UPDATE"):
        monkeypatch.delenv(name, raising=False)


def happened(**options: Any) -> PusherMock:
    mock = PusherMock(**options)
    client = mock.client(connect=True)
    client.subscribe("c").bind("e", print)
    mock.server().trigger("c", "e", 1)
    return mock


def test_the_text():
    happened().assert_journal(TEXT)


@pytest.mark.parametrize(
    "other",
    [
        lambda: happened(seed=7),
        lambda: happened(clock=SystemClock()),
    ],
)
def test_what_does_not_matter(other: Callable[[], PusherMock]):
    mock = other()
    timed = "\n".join(line.replace("0ms ", "", 1) for line in TEXT.splitlines())
    mock.assert_journal(timed if isinstance(mock.clock, SystemClock) else TEXT)


def test_keeping_alive_does_not_either():
    mock = happened()
    mock.clock.advance(200_000)
    mock.assert_journal(TEXT)


def test_a_timer_that_did_something_does():
    mock = PusherMock(apps=[App("1", "k", "s", webhooks=(Webhook("http://app.test/hook"),))])
    mock.state.subscribe("one", "c")
    mock.core.hang_up(mock.core.connections[0], lambda: None)
    mock.clock.advance(10_000)
    text = snapshot(mock.core)
    assert "\n3000ms timer\n    webhook http://app.test/hook {" in text
    assert '"time_ms":<time>' in text


def test_what_the_application_sent_stays():
    mock = PusherMock()
    mock.server().trigger("c", "e", {"url": "http://x/?client=1&version=2", "n": "credentials 1"})
    assert '{"url": "http://x/?client=1&version=2", "n": "credentials 1"}' in snapshot(mock.core)


def test_a_text_that_differs():
    with pytest.raises(ExpectationFailed) as failed:
        happened().assert_journal(TEXT.replace("published c e 1", "published c e 2"))
    assert str(failed.value).splitlines() == [
        "the journal differs from the text; take the lines with a +",
        "--- the text",
        "+++ what happened",
        "@@ -4,5 +4,5 @@",
        '     send mock-connection-1 {"event":"pusher_internal:subscription_succeeded",'
        '"channel":"c","data":"{}"}',
        " 0ms http POST /apps/mock-app-id/events",
        "-    published c e 2",
        "+    published c e 1",
        '     broadcast mock-connection-1 {"event":"e","channel":"c","data":"1"}',
        "     respond 200 {}",
    ]


def test_a_text_is_not_updated():
    with pytest.raises(UsageError, match=r"give assert_journal\(\) a Path"):
        happened().assert_journal(TEXT, update=True)


# Files ------------------------------------------------------------------------------------------


def test_the_first_run_makes_it(tmp_path: Path):
    path = tmp_path / "further" / "one.journal"
    happened().assert_journal(path)
    assert path.read_bytes().decode() == TEXT.removeprefix("\n")
    happened().assert_journal(path)
    with pytest.raises(ExpectationFailed) as failed:
        PusherMock().assert_journal(path)
    assert str(failed.value).startswith(
        "the journal differs from one.journal; if it is right: pytest --pusher-mock-update, "
        "or PUSHER_MOCK_UPDATE=1\n--- one.journal\n+++ what happened\n@@ "
    )


def test_in_ci_it_has_to_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CI", "true")
    path = tmp_path / "one.journal"
    with pytest.raises(ExpectationFailed, match=r"there is no snapshot .*, and in CI none is made"):
        happened().assert_journal(path)
    assert not path.exists()


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_it_is_updated(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "one.journal"
    path.write_text("old\n", encoding="utf-8")
    if how == "environment":
        monkeypatch.setenv("PUSHER_MOCK_UPDATE", "1")
    happened().assert_journal(path, update=True if how == "argument" else None)
    assert path.read_text(encoding="utf-8") == TEXT.removeprefix("\n")
    path.write_text("old\n", encoding="utf-8")
    with pytest.raises(ExpectationFailed, match="the journal differs"):
        happened().assert_journal(path, update=False)


def test_a_journal_that_has_lost_something(tmp_path: Path):
    with pytest.raises(UsageError, match=r"use PusherMock\(journal=1000\)"):
        happened(journal=2).assert_journal(tmp_path / "one.journal")


@pytest.mark.parametrize(
    ("name", "number", "file"),
    [
        ("test_one", 1, "test_it.test_one.journal"),
        ("test_one", 2, "test_it.test_one.2.journal"),
        ("TestIt::test_one[a-1]", 1, "test_it.TestIt.test_one[a-1].journal"),
        ("test_one[a/b]", 1, "test_it.test_one[a-b]-76266d88.journal"),
        ("test_one[a:b]", 1, "test_it.test_one[a-b]-0dc27d67.journal"),
    ],
)
def test_where_they_are(name: str, number: int, file: str):
    path = snapshot_path(Path("tests/test_it.py"), name, number)
    assert path == Path("tests/__snapshots__") / file


def test_other_names_are_other_files():
    names = {snapshot_path(Path("t.py"), name).name for name in ("a[x/y]", "a[x:y]", "a[x-y]")}
    assert len(names) == 3
    assert len(snapshot_path(Path("t.py"), "n" * 400).name) < 150


def test_those_of_one_test(tmp_path: Path):
    mock, other = happened(), PusherMock()
    compare = snapshots_of(mock, tmp_path / "test_it.py", "test_one")
    compare()
    compare()
    compare(name="before")
    compare(other)
    assert sorted(path.name for path in (tmp_path / "__snapshots__").iterdir()) == [
        "test_it.test_one.2.journal",
        "test_it.test_one.3.journal",
        "test_it.test_one.before.journal",
        "test_it.test_one.journal",
    ]
    assert (tmp_path / "__snapshots__" / "test_it.test_one.3.journal").read_text() == ""


def test_a_file_is_named_by_a_path(tmp_path: Path):
    with pytest.raises(UsageError, match="named by a Path"):
        PusherMock().assert_journal(str(tmp_path / "one.journal"))
