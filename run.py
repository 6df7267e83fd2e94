"""Set everything up in .venv, then run one nox session there.

python3 run.py demo     decode, explain and check the examples in this terminal
python3 run.py tests    pass every test, those in a real VS Code included
python3 run.py --list   what else there is

Needs Python 3.11 and, for everything about VS Code, Node 20; uses the standard library only.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = ENVIRONMENT / "set-up-for.txt"


def run(*command: str | Path) -> None:
    """Run a command in the project's folder; end with its status if it fails."""
    done = subprocess.run([str(part) for part in command], cwd=ROOT)
    if done.returncode:
        sys.exit(done.returncode)


def fingerprint() -> str:
    """Change when the set-up would."""
    digest = hashlib.sha256(sys.version.encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def make_environment() -> None:
    """Make .venv; Debian and Ubuntu keep what that takes in a package of its own."""
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        package = f"python{version}-venv"
        if shutil.which("apt-get") is None or os.geteuid() != 0:
            sys.exit(f"This Python cannot make virtual environments. Install {package}, then run this again.")
        run("apt-get", "update", "--quiet")
        run("apt-get", "install", "--quiet", "--yes", "--no-install-recommends", package)
    run(sys.executable, "-m", "venv", ENVIRONMENT)


def set_up() -> None:
    """Install the project and its development tools, unless that was done for the same versions before."""
    if not PYTHON.exists():
        make_environment()
    if STAMP.exists() and STAMP.read_text() == fingerprint():
        return
    print("Setting up .venv …", file=sys.stderr, flush=True)
    pip = (PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check")
    run(*pip, "install", "--constraint", "constraints.txt", "--editable", ".[dev]")
    STAMP.write_text(fingerprint())


def main() -> None:
    """Set up, then hand over to nox."""
    if sys.version_info < (3, 11):
        sys.exit("Claimlens needs Python 3.11 or newer.")
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help"):
        sys.exit(__doc__)
    set_up()
    session = arguments if arguments[0].startswith("-") else ["--session", *arguments]
    run(PYTHON, "-m", "nox", *session)


if __name__ == "__main__":
    main()
