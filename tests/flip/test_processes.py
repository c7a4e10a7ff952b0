"""What ``pusher-mock run`` does for any command: children, signals, exit codes, refused calls."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from tests.flip.commands import PATIENCE_S, PROJECTS, done, hearing, is_running, running

if os.name == "posix":
    import fcntl
    import pty
    import termios

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.skipif(os.name != "posix", reason="signals are sent"),
]

SERVER = r"calls of Pusher go to (http://[\w.:]+)"
PLAIN = PROJECTS / "plain"
REFUSED = "GET https://api-eu.pusher.com/apps/1/channels was about to be called: no door answers"
CLIENT = """
import pusher
print(pusher.Pusher("5", "inline-key", "inline-secret", cluster="eu").trigger("c", "e", {"n": 1}))
"""


def passed(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines that a command has printed, if it ended well."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


# Children -----------------------------------------------------------------------------------------


def test_a_spawned_child_reaches_the_same_server():
    words = ["--serve", "--app", "4715:child-key:child-secret", "--", "python", "waiting.py"]
    with running(*words, folder=PLAIN) as first:
        url = first.line(SERVER)
        with hearing(url, "orders", "child-key") as heard:
            result = done("--server", url, "--", "python", "spawned.py", folder=PLAIN)
            assert passed(result) == ["7"]
            assert heard() == {"number": 7}


def test_a_spawned_child_in_memory():
    assert passed(done("--", "python", "spawned.py", folder=PLAIN)) == ["7"]


def test_pythons_below_other_programs():
    assert passed(done("--", "sh", "-c", f"python -c {shlex.quote(CLIENT)} | cat")) == ["{}"]


def test_a_python_that_starts_after_its_parent_has_changed_its_directory(tmp_path: Path):
    program = (
        "import os, subprocess, sys; os.chdir(sys.argv[1]); "
        "subprocess.run([sys.executable, '-c', sys.argv[2]], check=True)"
    )
    assert passed(done("--", "python", "-c", program, str(tmp_path), CLIENT)) == ["{}"]


def test_what_is_no_application_imports_nothing_of_ours():
    program = "import json, sys; print([one for one in sys.modules if 'pusher' in one])"
    assert passed(done("--", "python", "-c", program, measured=False)) == ["[]"]


def test_a_python_without_pusher_mock(tmp_path: Path):
    # Its packages are not there: `pusher-mock` in an environment of its own, say.
    program = (
        "import sys; sys.path[:] = [one for one in sys.path if 'packages' not in one "
        "and not one.endswith('src')]; import socket; "
        "import pusher_mock.intercept.routing as routing; print(len(routing.active))"
    )
    assert passed(done("--", "python", "-c", program)) == ["1"]


@pytest.mark.parametrize("broken", ["{", '{"colour": "red"}'])
def test_orders_that_cannot_be_followed_end_the_process(broken: str):
    program = f"import os; os.environ['PUSHER_MOCK_INTERCEPT'] = {broken!r}; import socket; print()"
    result = done("--", "python", "-c", program, measured=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert f"{sys.executable} cannot catch calls of Pusher, and ends: UsageError" in result.stderr


def test_a_process_that_could_not_catch_calls_fails_a_command_that_makes_nothing_of_it():
    program = "import os; os.environ['PUSHER_MOCK_INTERCEPT'] = '{'; import socket"
    shell = f"python -c {shlex.quote(program)} 2>/dev/null; true"
    result = done("--quiet", "--", "sh", "-c", shell, measured=False)
    assert result.returncode == 1
    assert result.stderr.startswith("pusher-mock: ")
    assert "cannot catch calls of Pusher, and ends: UsageError" in result.stderr


# The environment ----------------------------------------------------------------------------------


def test_variables_that_are_missing_are_supplied():
    program = "import json, os; print(json.dumps({n: v for n, v in os.environ.items()}))"
    words = ["--set", "SHOP_KEY=a=b", "--", "python", "-c", program]
    [line] = passed(done(*words, PUSHER_APP_KEY="mine", USE_MOCKS="false"))
    found = json.loads(line)
    assert {name: found[name] for name in ("USE_MOCKS", "PUSHER_KEY", "PUSHER_APP_KEY")} == {
        "USE_MOCKS": "false",
        "PUSHER_KEY": "mine",
        "PUSHER_APP_KEY": "mine",
    }
    assert (found["PUSHER_APP_ID"], found["PUSHER_SECRET"]) == ("1", "mock-pusher-secret")
    assert found["SHOP_KEY"] == "a=b"
    assert "PUSHER_MOCK_URL" not in found


def test_the_switch_meets_the_same_server():
    program = "import compat; compat.pusher_server.trigger('news', 'new', {'n': 2})"
    with running("--serve", "--", "python", "waiting.py", folder=PLAIN) as first:
        url = first.line(SERVER)
        with hearing(url, "news", "mock-pusher-key") as heard:
            passed(done("--server", url, "--", "python", "-c", program))
            assert heard() == {"n": 2}


def test_a_server_that_is_not_there():
    result = done("--server", "http://127.0.0.1:9", "--", "python", "-c", "print()")
    assert result.returncode == 1
    assert "no server at http://127.0.0.1:9; start one with `pusher-mock serve`" in result.stderr


# A sitecustomize that is hidden -------------------------------------------------------------------


def shadowed(tmp_path: Path, text: str) -> subprocess.CompletedProcess[str]:
    Path(tmp_path, "sitecustomize.py").write_text(text, encoding="utf-8")
    program = "import sys; print(sys.modules['sitecustomize'].__file__)"
    return done("--set", f"PYTHONPATH={tmp_path}", "--", "python", "-c", program)


def test_it_runs(tmp_path: Path):
    result = shadowed(tmp_path, "print('theirs', __name__)")
    assert passed(result) == ["theirs sitecustomize", str(tmp_path / "sitecustomize.py")]


def test_it_is_caught_as_well(tmp_path: Path):
    assert passed(shadowed(tmp_path, CLIENT))[0] == "{}"


def test_its_errors_are_python_s_to_report(tmp_path: Path):
    result = shadowed(tmp_path, "raise RuntimeError('theirs')")
    assert "Error in sitecustomize; set PYTHONVERBOSE for traceback:" in result.stderr
    assert "RuntimeError: theirs" in result.stderr


# Signals and exit codes ---------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_reach_the_command(number: signal.Signals):
    with running("--serve", "--", "python", "waiting.py", folder=PLAIN) as waiting:
        waiting.line("waiting")
        assert waiting.ended(number) == 40
        assert waiting.said[-1] == f"heard {number.name}\n"


def test_what_is_typed_at_a_terminal_reaches_the_command_once():
    ours, theirs = pty.openpty()

    def take_the_terminal() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    command = [sys.executable, "-m", "pusher_mock.cli", "run", "--quiet", "--", sys.executable]
    process = subprocess.Popen(
        [*command, "waiting.py"], cwd=PLAIN, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True, preexec_fn=take_the_terminal,
    )  # fmt: skip
    os.close(theirs)
    said = b""
    while b"waiting" not in said:
        said += os.read(ours, 1_000)
    os.write(ours, b"\x03")  # Ctrl-C
    assert process.wait(PATIENCE_S) == 40
    with suppress(OSError):  # nobody is at the other end any more
        while more := os.read(ours, 1_000):
            said += more
    os.close(ours)
    assert said.count(b"heard SIGINT") == 1


def test_a_command_that_is_killed():
    result = done("--", "sh", "-c", "kill -TERM $$")
    assert result.returncode == 128 + signal.SIGTERM


def test_what_a_command_leaves_behind_ends_with_it():
    result = done("--", "sh", "-c", "trap '' HUP; sleep 60 & echo $!; exit 3")
    assert result.returncode == 3
    assert not is_running(int(result.stdout))


def test_what_does_not_want_to_end_is_killed(monkeypatch: pytest.MonkeyPatch):
    program = (
        "import pusher_mock.cli.launch as launch; launch._PATIENCE = 0.2; "
        "from pusher_mock.cli import main; main()"
    )
    monkeypatch.setattr("tests.flip.commands._words", lambda words: [
        sys.executable, "-c", program, "run", *words])  # fmt: skip
    stubborn = "trap '' TERM; (while :; do sleep 1; done) & echo $!"
    result = done("--", "sh", "-c", stubborn)
    assert not is_running(int(result.stdout))


@pytest.mark.parametrize(("command", "code", "said"), [
    ("no-such-command", 127, "Error: there is no command no-such-command\n"),
    ("/", 126, "Error: / cannot be run: Permission denied\n"),
])  # fmt: skip
def test_a_command_that_cannot_be_run(command: str, code: int, said: str):
    result = done("--quiet", "--", command)
    assert (result.returncode, result.stderr) == (code, said)


# Refused calls ------------------------------------------------------------------------------------


def test_a_refused_call_fails_a_command_that_has_swallowed_it():
    result = done("--quiet", "--", "python", "swallowed.py", folder=PLAIN)
    assert (result.returncode, result.stdout) == (1, "all is well\n")
    first, second = result.stderr.splitlines()
    assert first == (
        "pusher-mock: a call of Pusher was refused; that is why this ends with 1 although the "
        "command ended with 0"
    )
    assert second.startswith("  swallowed.py, process ")
    assert REFUSED in second
    assert "hunter2" not in result.stderr


def test_even_of_a_child_that_leaves_without_a_word():
    result = done("--", "python", "killed_child.py", folder=PLAIN)
    assert result.returncode == 1
    assert REFUSED in result.stderr


def test_the_command_s_own_exit_code_stays():
    result = done(
        "--", "sh", "-c", "python swallowed.py; python swallowed.py; exit 9", folder=PLAIN
    )
    assert result.returncode == 9
    assert "pusher-mock: 2 calls were refused\n" in result.stderr


def test_refused_calls_of_a_module_that_runs():
    result = done("--quiet", "--", "python", "-m", "swallowed", folder=PLAIN)
    assert result.returncode == 1
    assert "  python -m swallowed, process " in result.stderr


@pytest.mark.parametrize("command", [
    ["true"], ["env", "PYTHONPATH=x", "python", "-c", "pass"], ["sh", "-c", "python -I -c pass"],
])  # fmt: skip
def test_a_command_that_starts_no_python_that_could_catch_calls(command: list[str]):
    result = done("--quiet", "--", *command)
    assert result.returncode == 1
    assert f"no Python process that {command[0]} may have started has told" in result.stderr


def test_a_python_that_only_tells_its_version():
    result = done("--quiet", "--", "python", "-V")
    assert (result.returncode, result.stderr) == (0, "")
