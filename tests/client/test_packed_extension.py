"""What is inside the VSIX files, and that the server in them starts: alone, isolated, with or without native code."""

from __future__ import annotations

import fnmatch
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNIVERSAL, LINUX = ROOT / "build" / "claimlens.vsix", ROOT / "build" / "claimlens-linux-x64.vsix"

GOLDEN = Path(__file__).parent / "golden"
FILES = (GOLDEN / "vsix-files.txt").read_text("utf-8").splitlines()
LIBRARIES = (GOLDEN / "vsix-libraries.txt").read_text("utf-8").splitlines()


def packed(vsix: Path) -> Path:
    """Return the file, or skip where nobody has packed it."""
    if not vsix.exists() and "workbench" not in os.environ.get("CLAIMLENS_REQUIRE", ""):
        pytest.skip("the extension is not packed: python3 run.py package")
    return vsix


def names(vsix: Path) -> list[str]:
    with zipfile.ZipFile(packed(vsix)) as archive:
        return archive.namelist()


@pytest.fixture(params=[UNIVERSAL, LINUX], ids=lambda vsix: vsix.stem)
def extension(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An unpacked extension."""
    with zipfile.ZipFile(packed(request.param)) as archive:
        archive.extractall(tmp_path)
    return tmp_path / "extension"


@pytest.mark.parametrize("vsix", [UNIVERSAL, LINUX], ids=lambda vsix: vsix.stem)
def test_a_vsix_holds_what_it_should_and_nothing_else(vsix: Path) -> None:
    found = [name for name in names(vsix) if not name.startswith("extension/bundled/libs/")]
    assert sorted(found) == sorted(FILES)


@pytest.mark.parametrize("vsix", [UNIVERSAL, LINUX], ids=lambda vsix: vsix.stem)
def test_a_vsix_holds_no_waste(vsix: Path) -> None:
    waste = (
        "*/__pycache__/*",
        "*.pyc",
        "*.map",
        "*/node_modules/*",
        "*.ts",
        "*/tests/*",
        "*direct_url.json",
        "*/RECORD",
    )
    assert [name for name in names(vsix) if any(fnmatch.fnmatch(name, pattern) for pattern in waste)] == []
    assert vsix.stat().st_size <= 8_000_000


def test_the_universal_vsix_holds_these_libraries_and_no_native_code() -> None:
    inside = [name.removeprefix("extension/bundled/libs/") for name in names(UNIVERSAL) if "/libs/" in name]
    tops = {name.split("/")[0] for name in inside if ".dist-info" not in name}
    assert set(LIBRARIES) <= tops
    assert not tops & {"cryptography", "rich", "pip", "pytest"}
    assert [name for name in inside if name.endswith((".so", ".pyd", ".dylib"))] == []


def test_the_linux_vsix_holds_native_code_for_linux_and_every_python() -> None:
    with zipfile.ZipFile(packed(LINUX)) as archive:
        native = {name: archive.read(name)[:20] for name in archive.namelist() if name.endswith((".so", ".pyd"))}
    for python in ("311", "312", "313", "314"):
        assert any(f"/_cffi_backend.cpython-{python}-" in name for name in native)
    assert any("/cryptography/" in name for name in native)
    x86_64 = 0x3E
    assert [name for name, start in native.items() if start[:4] != b"\x7fELF" or start[18] != x86_64] == []


def initialize(extension: Path, folder: Path, environment: dict[str, str]) -> dict[str, object]:
    """Start the server as the extension does, but in a given folder, and return its first answer."""
    body = json.dumps(
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"processId": None, "capabilities": {}}}
    )
    command = [sys.executable, "-I", "-S", "-X", "utf8", str(extension / "bundled" / "boot.py")]
    process = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        input=f"Content-Length: {len(body)}\r\n\r\n{body}".encode(),
        capture_output=True,
        timeout=60,
    )
    _, _, answer = process.stdout.partition(b"\r\n\r\n")
    assert answer, process.stderr.decode()
    return json.JSONDecoder().raw_decode(answer.decode())[0]


def test_the_server_starts_from_its_own_libraries(extension: Path) -> None:
    answer = initialize(extension, extension, {})
    assert "hoverProvider" in answer["result"]["capabilities"]


def test_nothing_of_a_hostile_folder_or_environment_is_imported(extension: Path, tmp_path: Path) -> None:
    folder, sentinel = tmp_path / "folder", tmp_path / "ran.txt"
    site_packages = folder / ".venv" / "lib" / "site-packages"
    site_packages.mkdir(parents=True)
    code = f"open({str(sentinel)!r}, 'a').write(__name__ + '\\n')\n"
    for module in ("jwt", "json", "sitecustomize", "usercustomize", "attr", "pygls", "claimlens", "asyncio", "typing"):
        (folder / f"{module}.py").write_text(code)
        (site_packages / f"{module}.py").write_text(code)
    (site_packages / "evil.pth").write_text(f"import os; {code}")
    hostile = {
        "PYTHONPATH": f"{folder}{os.pathsep}{site_packages}",
        "PYTHONSTARTUP": str(folder / "jwt.py"),
        "PYTHONUSERBASE": str(folder / ".venv"),
        "VIRTUAL_ENV": str(folder / ".venv"),
    }

    initialize(extension, folder, hostile)

    assert not sentinel.exists()


def test_the_platform_vsix_can_check_signatures(tmp_path: Path) -> None:
    with zipfile.ZipFile(packed(LINUX)) as archive:
        archive.extractall(tmp_path)
    libraries = tmp_path / "extension" / "bundled" / "libs"
    program = (
        f"import sys; sys.path.insert(0, {str(libraries)!r}); "
        "from cryptography.hazmat.primitives.asymmetric import ec; import jwt; "
        "key = ec.generate_private_key(ec.SECP256R1()); token = jwt.encode({'sub': 'a'}, key, 'ES256'); "
        "print(jwt.decode(token, key.public_key(), ['ES256'])['sub'])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, encoding="utf-8", timeout=60
    )
    assert done.stdout == "a\n", done.stderr
