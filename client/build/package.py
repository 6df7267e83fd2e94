"""Build the extension's VSIX files under build/.

Without arguments only the universal one: it holds pure Python and runs wherever Python does, but cannot check
signatures, which takes ``cryptography``. Each argument names a platform whose VSIX holds that too, for every
supported Python at once; ``all`` names every platform there is.

There are no wheels of ``cryptography`` for Intel Macs and for Windows on ARM; the universal VSIX serves those.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = ROOT / "bundled"
CACHE = ROOT / "build" / "libraries"

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""Supported by the platform packages; the first is the oldest, which decides what the pure libraries need."""

PLATFORMS = {
    "linux-x64": ("manylinux_2_28_x86_64", "manylinux2014_x86_64"),
    "linux-arm64": ("manylinux_2_28_aarch64", "manylinux2014_aarch64"),
    "alpine-x64": ("musllinux_1_2_x86_64",),
    "alpine-arm64": ("musllinux_1_2_aarch64",),
    "darwin-arm64": ("macosx_11_0_arm64",),
    "win32-x64": ("win_amd64",),
}
"""Targets of ``vsce package``, with the wheel tags that run there."""

ONLY_COMMAND_LINE = {"rich"}
"""Dependencies that the language server never imports."""

NATIVE = ("cryptography", "cffi", "markupsafe")
NATIVE_FILES = ("cryptography", "cryptography-*.dist-info", "_cffi_backend*", "markupsafe/_speedups*.so")
"""What is taken of those wheels: cryptography needs no more of cffi than its backend."""


def main(arguments: list[str]) -> None:
    """Build the universal VSIX, and those of the named platforms."""
    targets = list(PLATFORMS) if arguments == ["all"] else arguments
    unknown = set(targets) - set(PLATFORMS)
    if unknown:
        sys.exit(f"no such platform: {', '.join(sorted(unknown))}; there are {', '.join(PLATFORMS)}")
    pure = cached("pure", install_pure)
    assemble(pure)
    pack(None)
    for target in targets:
        assemble(pure, cached(target, lambda folder, target=target: install_native(folder, target)))
        pack(target)


def cached(name, install) -> Path:
    """Return the folder that ``install`` fills, from the cache if the dependencies are the same as then."""
    digest = hashlib.sha256()
    for file in (ROOT / "pyproject.toml", ROOT / "constraints.txt", Path(__file__)):
        digest.update(file.read_bytes())
    folder = CACHE / f"{name}-{digest.hexdigest()[:16]}"
    if not folder.exists():
        for outdated in CACHE.glob(f"{name}-*"):
            shutil.rmtree(outdated)
        unfinished = CACHE / f"unfinished-{name}"
        shutil.rmtree(unfinished, ignore_errors=True)
        install(unfinished)
        unfinished.rename(folder)
    return folder


def install_pure(folder: Path) -> None:
    """Install the server's dependencies without any native library."""
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    names = {line: re.match(r"[\w-]+", line)[0].lower() for line in dependencies}
    wanted = [line.replace("[crypto]", "") for line in dependencies if names[line] not in ONLY_COMMAND_LINE]
    pip_install(folder, PYTHONS[0], PLATFORMS["linux-x64"], *wanted)
    for native in folder.rglob("*.so"):
        native.unlink()  # each of these has a fall-back in Python
    shutil.rmtree(folder / "bin", ignore_errors=True)


def install_native(folder: Path, target: str) -> None:
    """Install the native libraries for one platform and every Python; their file names keep them apart."""
    for python in PYTHONS:
        wheels = folder.with_name(f"{folder.name}-{python}")
        pip_install(wheels, python, PLATFORMS[target], "--no-deps", *NATIVE)
        for pattern in NATIVE_FILES:
            for found in wheels.glob(pattern.replace(".so", ".pyd") if target.startswith("win32") else pattern):
                place = folder / found.relative_to(wheels)
                place.parent.mkdir(parents=True, exist_ok=True)
                if found.is_dir():
                    shutil.copytree(found, place, dirs_exist_ok=True)
                else:
                    shutil.copy2(found, place)
        shutil.rmtree(wheels)


def pip_install(folder: Path, python: str, platforms: tuple[str, ...], *requirements: str) -> None:
    """Install wheels for that Python and platform into a folder, in the versions of the constraints."""
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--target", folder]
    command += ["--constraint", ROOT / "constraints.txt", "--no-compile", "--only-binary", ":all:"]
    command += ["--python-version", python, "--implementation", "cp"]
    for platform in platforms:
        command += ["--platform", platform]
    subprocess.run([*command, *requirements], check=True)


def assemble(*libraries: Path) -> None:
    """Fill ``bundled/`` with the server, its libraries and the file that starts it."""
    shutil.rmtree(BUNDLED, ignore_errors=True)
    waste = shutil.ignore_patterns("RECORD", "REQUESTED", "INSTALLER", "tests")
    for folder in libraries:
        shutil.copytree(folder, BUNDLED / "libs", ignore=waste, dirs_exist_ok=True)
    ours = shutil.ignore_patterns("__pycache__", "cli")
    shutil.copytree(ROOT / "server" / "claimlens", BUNDLED / "libs" / "claimlens", ignore=ours)
    shutil.copy2(ROOT / "client" / "boot.py", BUNDLED / "boot.py")


def pack(target: str | None) -> None:
    """Run vsce on what is assembled."""
    name = "claimlens.vsix" if target is None else f"claimlens-{target}.vsix"
    vsce = ["node", ROOT / "node_modules" / "@vscode" / "vsce" / "vsce", "package", "--no-dependencies"]
    platform = [] if target is None else ["--target", target]
    done = subprocess.run(
        [*vsce, *platform, "--out", ROOT / "build" / name], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    print(f"build/{name}: {(ROOT / 'build' / name).stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
