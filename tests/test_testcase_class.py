"""The mixin's mock of the class, what a failure says, and how it refuses to be misused."""

from __future__ import annotations

import io
import unittest
from typing import Any, ClassVar

import pytest
from tests.cases import PUBLISHER, Case, problems, run

from pusher_mock import PusherMock, PusherMockMixin, current_mock

# The mock of the class ----------------------------------------------------------------------------


class Seeded(PusherMockMixin, Case):
    seen: ClassVar[list[PusherMock]] = []

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        assert current_mock() is cls.class_pusher_mock
        PUBLISHER.trigger("seed", "planted", {})

    @classmethod
    def tearDownClass(cls) -> None:
        assert current_mock() is cls.class_pusher_mock
        PUBLISHER.trigger("seed", "harvested", {})
        cls.seen.append(cls.class_pusher_mock)

    def test_it(self) -> None:
        assert current_mock() is self.pusher_mock is not self.class_pusher_mock
        self.pusher_mock.assert_not_triggered()
        self.class_pusher_mock.assert_triggered("seed", "planted", times=1)

    test_again = test_it


def test_what_the_class_publishes_stays_in_the_class():
    Seeded.seen.clear()
    before = current_mock()
    published = len(before.published())
    result = run(Seeded)
    assert result.wasSuccessful(), problems(result)
    assert current_mock() is before
    assert len(before.published()) == published
    [mock] = Seeded.seen
    assert mock.core.closed
    assert [one.event for one in mock.journal.published()] == ["planted", "harvested"]


class Shared(PusherMockMixin, Case):
    pusher_mock_scope = "class"
    pusher_mock_options: ClassVar[dict[str, Any]] = {"seed": 3}
    counts: ClassVar[list[int]] = []

    def test_one(self) -> None:
        assert self.pusher_mock is self.class_pusher_mock is current_mock()
        assert self.pusher_mock.core.seed == 3
        PUBLISHER.trigger("c", "e", {})
        self.counts.append(len(self.pusher_mock.published()))

    test_two = test_one


def test_one_mock_for_the_whole_class():
    Shared.counts.clear()
    result = run(Shared)
    assert result.wasSuccessful(), problems(result)
    assert Shared.counts == [1, 2]


class SharedFails(Shared):
    def test_one(self) -> None:
        self.pusher_mock.client(connect=True, key="k", secret="s").subscribe("c").bind(
            "e", lambda data: 1 / 0
        )
        PUBLISHER.trigger("c", "e", {})

    def test_two(self) -> None:
        pass


class SharedMayFail(SharedFails):
    pusher_mock_callback_errors = False


def test_callback_errors_belong_to_the_test_that_caused_them():
    result = run(SharedFails)
    [(test, text)] = result.errors
    assert "test_one" in str(test)
    assert "ZeroDivisionError" in text
    assert run(SharedMayFail).wasSuccessful()


class ClassFails(PusherMockMixin, Case):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        mock = cls.class_pusher_mock
        mock.client(connect=True).subscribe("c").bind("e", lambda data: 1 / 0)
        mock.server().trigger("c", "e", {})

    def test_it(self) -> None:
        pass


def test_callback_errors_of_the_class_fail_the_class():
    [(_, text)] = run(ClassFails).errors
    assert "ZeroDivisionError" in text


# What a failure says ------------------------------------------------------------------------------


class Failing(PusherMockMixin, Case):
    def test_fails(self) -> None:
        PUBLISHER.trigger("task-7", "moved", {"to": 1})
        raise AssertionError("as it should")

    def test_without_events(self) -> None:
        raise AssertionError("as it should")

    def test_skips(self) -> None:
        PUBLISHER.trigger("task-7", "moved", {"to": 1})
        self.skipTest("not today")

    @unittest.expectedFailure
    def test_expected(self) -> None:
        raise AssertionError("as it should")

    def test_parts(self) -> None:
        with self.subTest(n=1):
            pass
        for part in ("a", "b"):
            with self.subTest(part, part=part):
                PUBLISHER.trigger(part, "e", {})
                assert part == "a"


def test_a_failure_shows_the_events():
    result = run(Failing)
    assert len(result.skipped) == len(result.expectedFailures) == 1
    texts = {str(test).split()[0]: text for test, text in result.failures}
    assert texts.keys() == {"test_fails", "test_without_events", "test_parts"}
    for name, event in (("test_fails", "moved on task-7"), ("test_parts", "e on b")):
        assert texts[name].count("pusher-mock: events of this test") == 1
        assert event in texts[name]
    assert "pusher-mock" not in texts["test_without_events"]


def test_as_a_runner_prints_it():
    out = io.StringIO()
    unittest.TextTestRunner(out).run(unittest.TestSuite([Failing("test_fails")]))
    assert 'at 0 ms: moved on task-7 with {"to": 1}' in out.getvalue()


class AsyncFailing(PusherMockMixin, unittest.IsolatedAsyncioTestCase):
    __test__ = False

    async def test_fails(self) -> None:
        PUBLISHER.trigger("task-7", "moved", {})
        raise AssertionError("as it should")

    async def test_passes(self) -> None:
        PUBLISHER.trigger("task-7", "moved", {})


def test_coroutines():
    result = run(AsyncFailing)
    [(_, text)] = result.failures
    assert "moved on task-7" in text
    assert result.testsRun == 2


class FailsBefore(PusherMockMixin, Case):
    def setUp(self) -> None:
        pass

    def test_it(self) -> None:
        raise AssertionError("as it should")


def test_a_failure_without_a_mock():
    [(_, text)] = run(FailsBefore).failures
    assert "as it should" in text


def test_the_method_is_the_classes_own_again_afterwards():
    case = Failing("test_fails")
    case.run(unittest.TestResult())
    assert "test_fails" not in vars(case)
    replaced = Failing("test_skips")
    own = replaced.__dict__["test_skips"] = lambda: None
    replaced.run(unittest.TestResult())
    assert vars(replaced)["test_skips"] is own


def test_under_pytest_nothing_is_shown_twice(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
):
    for name in ("CI", "BUILD_NUMBER"):  # there pytest repeats whole messages in its summary
        monkeypatch.delenv(name, raising=False)
    pytester.makepyfile(
        """
        import unittest
        from pusher_mock import PusherMockMixin

        class TestIt(PusherMockMixin, unittest.TestCase):
            def test_fails(self):
                self.pusher_mock.server().trigger("c", "e", {})
                assert False
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:asyncio", "-p", "no:hypothesispytest")
    result.assert_outcomes(failed=1)
    assert result.stdout.str().count("pusher-mock: events of this test") == 1


# Misuse -------------------------------------------------------------------------------------------


def test_behind_the_test_case_it_would_never_run():
    with pytest.raises(TypeError, match=r"class Wrong\(PusherMockMixin, TestCase\)"):

        class Wrong(Case, PusherMockMixin):
            pass


class NoSuper(PusherMockMixin, Case):
    pusher_mock_scope = "class"

    @classmethod
    def setUpClass(cls) -> None:
        pass

    def test_it(self) -> None:
        raise AssertionError("not reached")


class NoSuperInSetUp(PusherMockMixin, Case):
    def setUp(self) -> None:
        pass

    def test_it(self) -> None:
        self.pusher_mock.published()

    def test_other(self) -> None:
        self.nothing_of_the_kind()  # type: ignore[attr-defined]


def test_set_up_without_super():
    [(_, text)] = run(NoSuper).errors
    assert "NoSuper has no class_pusher_mock: its setUpClass() has to call super()" in text
    texts = "".join(text for _, text in run(NoSuperInSetUp).errors)
    assert "NoSuperInSetUp has no pusher_mock: its setUp() has to call super().setUp()" in texts
    assert "'NoSuperInSetUp' object has no attribute 'nothing_of_the_kind'" in texts


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("pusher_mock_scope", "module", "is 'test' or 'class', not 'module'"),
        ("pusher_mock_options", {"histroy": 1}, "unexpected keyword argument 'histroy'"),
    ],
)
def test_attributes_that_are_wrong(name: str, value: object, text: str):
    wrong = type("Wrong", (PusherMockMixin, Case), {name: value, "test_it": lambda self: None})
    [(_, said)] = run(wrong).errors
    assert f"Wrong.{name}" in said
    assert text in said
