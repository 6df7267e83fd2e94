"""The command line as a process: quick to start, quiet when its reader leaves or somebody interrupts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.compact import jws

PROGRAM = [sys.executable, "-m", "claimlens"]
SLOW_TO_IMPORT = {
    "attrs", "cryptography", "httpx", "jinja2", "jwt", "lsprotocol", "pathspec", "pygls", "rich", "yaml", "asyncio",
}  # fmt: skip


def imported(*arguments: str) -> set[str]:
    """Return the top-level packages that a command imports."""
    script = (
        "import sys\nfrom claimlens.__main__ import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "print('\\n'.join({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, input="")
    return set(ended.stderr.split())


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]])
def test_starting_imports_next_to_nothing(arguments: list[str]) -> None:
    assert not SLOW_TO_IMPORT & imported(*arguments)


@pytest.mark.parametrize("arguments", [["tokens", "-"], ["check", "-"], ["redact", "-"], ["decode", "a.b.c"]])
def test_a_command_imports_what_it_needs_alone(arguments: list[str]) -> None:
    unneeded = {"cryptography", "httpx", "jinja2", "jwt", "lsprotocol", "pygls", "rich", "yaml", "asyncio"}

    assert not unneeded & imported(*arguments)


def test_a_reader_that_leaves_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "many.log").write_text(f"{jws()}\n" * 3_000)
    process = subprocess.Popen([*PROGRAM, "tokens", tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None

    process.stdout.readline()
    process.stdout.close()

    assert process.stderr.read() == b""
    assert process.wait() == 2
    process.stderr.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal to send to one process")
def test_an_interrupt_is_no_traceback(tmp_path: Path) -> None:
    fifo = tmp_path / "never-written"
    os.mkfifo(fifo)
    with subprocess.Popen([*PROGRAM, "tokens", fifo], stderr=subprocess.PIPE) as process:
        with fifo.open("w"):  # opens when the command has opened it too
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_a_name_that_is_no_unicode_is_told_of() -> None:
    ended = subprocess.run([*PROGRAM, "tokens", b"\xff.txt"], capture_output=True)

    assert ended.returncode == 2
    assert b"no such file or directory" in ended.stderr
