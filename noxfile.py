"""What can be done with a checkout; `python3 run.py SESSION` sets up and runs one of these."""

from __future__ import annotations

import os
import platform
import shutil
import sys
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


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types and layers, in Python and TypeScript."""
    install_client(session)
    python(session, "-m", "ruff", "check")
    python(session, "-m", "ruff", "format", "--check")
    python(session, "-m", "mypy")
    session.run(script("lint-imports"), "--no-cache")
    npm(session, "run", "--silent", "lint")


@nox.session
def tests(session: nox.Session) -> None:
    """Everything that must hold: style, types, layers, all tests, the packed extension in a real VS Code."""
    install_programs(session)
    style_failed = False
    try:
        lint(session)
    except CommandFailed:
        style_failed = True  # the tests still have something to say
    npm(session, "run", "--silent", "test")
    bundle(session, *{"linux-x64", HOST})
    if sys.platform == "linux":
        session.run("node", "tests/workbench/install.mjs", external=True)
        session.env["CLAIMLENS_REQUIRE"] = "workbench,neovim"
    python(session, "-m", "pytest", "--numprocesses=2", "--dist=loadgroup", *session.posargs)
    if style_failed:
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
