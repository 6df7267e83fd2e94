"""What can be done with a checkout; `python3 run.py SESSION` sets up and runs one of these."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import nox
from nox.command import CommandFailed

ROOT = Path(__file__).resolve().parent
nox.options.default_venv_backend = "none"  # run.py has made the environment that all sessions share
nox.options.sessions = ["tests"]

HOST = {"x86_64": "linux-x64", "aarch64": "linux-arm64"}.get(platform.machine(), "linux-x64")
"""The platform whose VSIX the workbench here takes."""

DEBIAN_PACKAGES = {"chromium": "chromium", "nvim": "neovim"}
"""Programs the tests drive, with the Debian package that holds each."""


def python(session: nox.Session, *arguments: str, **options: object) -> None:
    """Run the environment's Python."""
    session.run(sys.executable, *arguments, **options)


def script(name: str) -> str:
    """Return the path of a program that the environment has installed."""
    return str(Path(sys.executable).with_name(f"{name}.exe" if os.name == "nt" else name))


def npm(session: nox.Session, *arguments: str) -> None:
    """Run npm, which Windows has as a script."""
    session.run("npm.cmd" if os.name == "nt" else "npm", *arguments, external=True)


def install_client(session: nox.Session) -> None:
    """Install the extension's packages, unless the ones of this lock file are there."""
    installed, wanted = ROOT / "node_modules" / ".package-lock.json", ROOT / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime:
        npm(session, "ci", "--no-audit", "--no-fund", "--loglevel=error")
        os.utime(installed)


def install_programs(session: nox.Session) -> None:
    """Install the programs that the tests drive, where that can be done without asking."""
    missing = [package for program, package in DEBIAN_PACKAGES.items() if shutil.which(program) is None]
    if not missing:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        session.warn(f"tests that need one of these are skipped: {', '.join(missing)}")
        return
    session.env["DEBIAN_FRONTEND"] = "noninteractive"
    session.run("apt-get", "update", "--quiet", "--quiet", external=True)
    session.run("apt-get", "install", "--quiet", "--quiet", "--yes", "--no-install-recommends", *missing, external=True)


def bundle(session: nox.Session, *targets: str) -> None:
    """Build the extension's VSIX files under build/: the universal one and one for each named platform."""
    npm(session, "run", "--silent", "bundle")
    python(session, "client/build/package.py", *targets)


@nox.session
def demo(session: nox.Session) -> None:
    """Decode, explain and check the examples, with the built-in settings and no network."""
    claimlens = script("claimlens")
    morning = ("--now", "2026-03-02T10:00:00Z")  # the examples are of that day
    session.run(claimlens, "tokens", "examples", *morning)
    session.run(claimlens, "decode", "--token", "examples/orders.http", *morning, success_codes=[0, 1])
    session.run(claimlens, "check", "examples", *morning, success_codes=[0, 1])
    session.run(claimlens, "explain", "--log", "examples/gateway.log", *morning, success_codes=[0, 1])


def style_holds(session: nox.Session) -> bool:
    """Run every check of style, types and layers, whether or not one before has failed."""
    checks = (
        lambda: python(session, "-m", "ruff", "check"),
        lambda: python(session, "-m", "ruff", "format", "--check"),
        lambda: python(session, "-m", "mypy"),
        lambda: session.run(script("lint-imports"), "--no-cache"),
        lambda: npm(session, "run", "--silent", "lint:code"),
        lambda: npm(session, "run", "--silent", "lint:format"),
        lambda: npm(session, "run", "--silent", "lint:types"),
    )
    outcomes = [succeeds(check) for check in checks]
    return all(outcomes)


def succeeds(check: Callable[[], object]) -> bool:
    """Tell whether the command that a check runs ends well."""
    try:
        check()
    except CommandFailed:
        return False
    return True


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types and layers, in Python and TypeScript."""
    install_client(session)
    if not style_holds(session):
        session.error("style, types or layers: see above")


@nox.session
def tests(session: nox.Session) -> None:
    """Everything that must hold: style, types, layers, all tests, the packed extension in a real VS Code."""
    install_programs(session)
    install_client(session)
    style = style_holds(session)  # the tests have something to say in any case
    npm(session, "run", "--silent", "test")
    bundle(session, *{"linux-x64", HOST})
    if sys.platform == "linux":
        session.run("node", "tests/workbench/install.mjs", external=True)
        session.env["CLAIMLENS_REQUIRE"] = "workbench,neovim"
    python(session, "-m", "pytest", "--numprocesses=2", "--dist=loadfile", *session.posargs)
    if not style:
        session.error("style, types or layers: see above")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure; each script prints ratios against a yardstick taken in the same run."""
    for script in sorted(ROOT.glob("benchmarks/*.py")):
        python(session, str(script.relative_to(ROOT)))


@nox.session
def workbench(session: nox.Session) -> None:
    """Open a real VS Code on the examples, in the browser, with the extension as it would be installed."""
    install_client(session)
    bundle(session, HOST)
    session.run("node", "tests/workbench/install.mjs", external=True)
    session.run("node", "tests/workbench/open.mjs", *session.posargs, external=True)


@nox.session
def package(session: nox.Session) -> None:
    """Build the wheel, and the VSIX files for all platforms (or the ones named)."""
    install_client(session)
    python(session, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", "dist", ".")
    bundle(session, *(session.posargs or ["all"]))
