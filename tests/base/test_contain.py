"""Code of third parties ends no process and prints into no output, whatever it does."""

# ruff: noqa: T201 - printing is what is tried

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jstock_core.base import contain
from jstock_core.base.contain import PlugInError, call_plugin, note_calls, read_call
from jstock_core.base.errors import DataError, ExitStatus, JstockError, Stopped, error_kind


class OddError(BaseException):
    """What a plug-in may raise though no Exception."""


def call(function: Callable[[], object], name: str = "the entry Mine") -> object:
    return call_plugin(name, function)


def raise_odd() -> None:
    raise OddError("no")


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda: os._exit(0), "ends the process (SystemExit: 0)"),
        (lambda: sys.exit(None), "ends the process (SystemExit)"),
        (lambda: sys.exit("tired"), "ends the process (SystemExit: tired)"),
        (raise_odd, "raised OddError: no in raise_odd"),
        (lambda: print("hello"), "prints 'hello'"),
        (lambda: sys.stdout.write("hello"), "prints 'hello'"),
        (lambda: sys.stdout.buffer.write(b"\xffhello"), "prints '\N{REPLACEMENT CHARACTER}hello'"),
        (lambda: print("x" * 100), f"prints '{'x' * 80} ...'"),
    ],
)
def test_what_ends_a_process_or_prints_is_an_error_that_names_it(function, said: str, capfd) -> None:
    with pytest.raises(PlugInError) as caught:
        call(function)
    assert caught.value.what.startswith(f"the entry Mine {said}")
    assert caught.value.exit is ExitStatus.PARAMS
    if "\N{REPLACEMENT CHARACTER}" not in said:
        file, _, line = caught.value.where.rpartition(":")
        assert (Path(file).name, line.isdigit()) == ("test_contain.py", True)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("error", [ValueError("x"), DataError("y"), KeyboardInterrupt(), Stopped(15)])
def test_other_errors_and_signals_pass(error: BaseException) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        call(fail)
    assert caught.value is error


def test_an_answer_passes_and_the_process_is_as_before(capsys) -> None:
    before = (sys.stdout, os._exit)
    assert call(lambda: 3) == 3
    assert (sys.stdout, os._exit) == before
    with pytest.raises(PlugInError):
        call(lambda: sys.exit(1))
    assert (sys.stdout, os._exit) == before
    print("after")
    assert capsys.readouterr().out == "after\n"


def test_what_goes_to_stderr_is_no_fault(capsys) -> None:
    call(lambda: print("debugging", file=sys.stderr))
    assert capsys.readouterr().err == "debugging\n"


def test_the_output_looks_as_it_is_meanwhile() -> None:
    assert call(lambda: (sys.stdout.encoding, sys.stdout.isatty())) == (
        sys.stdout.encoding,
        sys.stdout.isatty(),
    )


def test_the_inner_of_two_plug_ins_is_named() -> None:
    def outer() -> object:
        return call(lambda: print("x"), "the entry Inner")

    with pytest.raises(PlugInError, match="the entry Inner prints 'x'"):
        call(outer, "the exit Outer")


def test_an_outer_one_is_heard_after_an_inner_one() -> None:
    def outer() -> None:
        call(lambda: 1, "the entry Inner")
        print("x")

    with pytest.raises(PlugInError, match="the exit Outer prints 'x'"):
        call(outer, "the exit Outer")


def test_other_threads_print_while_a_plug_in_runs(capsys) -> None:
    """A progress bar is no fault of the rule that runs beside it; and rules run in several threads."""
    inside, printed = threading.Event(), threading.Event()

    def slow() -> int:
        inside.set()
        assert printed.wait(30)
        return 1

    answers: list[object] = []
    rule = threading.Thread(target=lambda: answers.append(call(slow)))
    rule.start()
    assert inside.wait(30)
    print("progress")
    sys.stdout.flush()
    with pytest.raises(PlugInError):
        call(lambda: print("mine"), "the entry Other")
    printed.set()
    rule.join()
    assert answers == [1]
    assert capsys.readouterr().out == "progress\n"


def test_a_way_out_that_was_imported_is_shut_while_plug_ins_run_only() -> None:
    """As `from os import _exit` at the top of a plug-in."""
    kept = call(lambda: os._exit)
    with pytest.raises(PlugInError, match="ends the process"):
        call(lambda: kept(0))
    program = (
        "import os\nfrom jstock_core.base.contain import call_plugin\ncall_plugin('x', lambda: os._exit)(7)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == 7


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_process_that_a_plug_in_forks_may_end() -> None:
    """A twin that went on would journal too."""
    program = (
        "import os\nfrom jstock_core.base.contain import call_plugin\n"
        "def rule():\n    pid = os.fork()\n    if not pid:\n        os._exit(0)\n"
        "    os.waitpid(pid, 0)\n    return 1\n"
        "print(call_plugin('x', rule))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False, capture_output=True,
        text=True,
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("1\n", 0)


def test_the_plug_in_that_runs_is_noted_for_who_survives(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(contain._process, "note", None)
    note = tmp_path / "calls"
    assert read_call(note) == ""
    note_calls(note)
    assert read_call(note) == ""
    long = "the entry " + "東" * 200
    assert call(lambda: read_call(note)) == "the entry Mine"
    assert str(call(lambda: read_call(note), long)).startswith("the entry 東東")
    assert call(lambda: (call(lambda: 1, "the entry Inner"), read_call(note))[1]) == "the entry Mine"
    assert read_call(note) == ""


def test_errors_of_ours_pass_between_processes() -> None:
    error = pickle.loads(pickle.dumps(PlugInError("a", where="b", do="c")))
    assert (type(error), error.what, error.where, error.do) == (PlugInError, "a", "b", "c")
    assert error_kind("PlugInError") is PlugInError
    assert error_kind("ValueError") is None

    class UnderError(PlugInError): ...

    assert error_kind("UnderError") is UnderError
    assert issubclass(UnderError, JstockError)
