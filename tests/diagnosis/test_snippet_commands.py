"""A snippet for a shell as commands of one line: they do what it does, and none runs by being written."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
from pathlib import Path

import pytest

from claimlens import jose
from claimlens.diagnosis.snippets import Command, Snippet, commands, targets, write
from claimlens.text.escape import visible
from tests.support.snippets import CLAIMS, NOW
from tests.support.tokens import compact

SHELLS = [name for name in ("bash", "zsh") if shutil.which(name)]
CALLS = "; ".join(f"{name}() {{ printf '%s\\n' {name} \"$@\" >&2; echo '{{}}'; }}" for name in ("az", "curl", "jq"))
"""In place of programs: say with what they were called."""
HOSTILE = "api://x'; echo owned; '!!\n$(echo owned)\t`echo owned`\x1b[201~"


def snippet(target: str, issuer: str, **changed: str) -> Snippet:
    claims = {**CLAIMS[issuer], **changed}
    return write(jose.decode(compact(claims, {"alg": "RS256", "kid": "one"})), target, NOW)


def called(shell: str, script: str) -> str:
    typed = "a secret\na code\nanother code\nan assertion\n"
    ended = subprocess.run(
        [shell, "-c", f"{CALLS}; openssl() {{ echo random; }}\n{script}"],
        input=typed,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return ended.stderr + ended.stdout.replace("Client secret: ", "")


@pytest.mark.parametrize("issuer", CLAIMS)
@pytest.mark.parametrize("target", targets())
def test_a_command_is_one_visible_line(target: str, issuer: str) -> None:
    written = snippet(target, issuer, aud=HOSTILE)
    for command in commands(written):
        assert command.text == visible(command.text)
        assert command.title == visible(command.title)


@pytest.mark.parametrize(
    ("target", "issuer"), [("az", "entra-china"), ("curl", "entra-v2"), ("curl", "b2c"), ("curl", "oidc")]
)
@pytest.mark.parametrize("shell", SHELLS)
def test_the_commands_call_what_the_snippet_calls(shell: str, target: str, issuer: str) -> None:
    written = snippet(target, issuer)
    script = "\n".join(command.text for command in commands(written))

    assert called(shell, script) == called(shell, written.text)
    assert called(shell, script).count(target) >= 2


@pytest.mark.parametrize("shell", SHELLS)
def test_a_command_waits_at_the_prompt(shell: str, tmp_path: Path) -> None:
    """Nothing of a hostile claim runs when a command is written to a terminal."""
    (tmp_path / "az").write_text("#!/bin/sh\necho called > called\n")
    (tmp_path / "az").chmod(0o755)
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(tmp_path)
        os.execvpe(
            shell,
            [shell, "--norc", "-i"] if shell == "bash" else [shell, "-f", "-i"],
            {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        )
    try:
        for command in commands(snippet("az", "entra-v1", aud=HOSTILE)):
            os.write(terminal, command.text.encode())
        os.write(terminal, b"\x15touch asked\r")  # Control+U takes back what was written
        while not (tmp_path / "asked").exists():
            os.read(terminal, 4096)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["asked", "az"]
    finally:
        os.close(terminal)
        os.kill(process, 9)
        os.waitpid(process, 0)


def test_titles_are_what_the_comments_say() -> None:
    assert [command.title for command in commands(snippet("az", "entra-china"))] == [
        "Choose the cloud",
        "Sign in, to a tenant without subscriptions too",
        "Get a token by --scope",
        "Get a token by --resource",
    ]
    assert [command.title for command in commands(snippet("powershell", "entra-v2"))] == [
        "Sign in",
        "Get a token, for PowerShell 7 and Windows PowerShell",
    ]


def test_a_snippet_for_no_shell_has_no_commands() -> None:
    assert [name for name in targets() if commands(snippet(name, "entra-v2"))] == ["az", "powershell", "curl"]


def test_a_line_that_goes_on_is_joined() -> None:
    made = Snippet(targets()["curl"], "# Ask.\ncurl one \\\n  --two \\\n  three\nfour\n")

    assert commands(made) == (Command("Ask", "curl one --two three; four"),)
