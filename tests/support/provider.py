"""The OpenID provider of ``tests/provider/provider.mjs`` as a process of its own."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
import trustme

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "provider" / "provider.mjs"


@attrs.define
class Provider:
    """A running provider.

    Attributes:
        issuer: its URL, on a port of its own.
        ca_file: who has signed its certificate.
    """

    process: subprocess.Popen[str]
    ca_file: Path
    issuer: str = ""

    @property
    def host(self) -> str:
        """Host and port."""
        return self.issuer.removeprefix("https://")

    def order(self, command: str, **more: Any) -> dict[str, Any]:
        """Have it do something and return what it says."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"command": command, **more}) + "\n")
        self.process.stdin.flush()
        answer = self.read()
        assert "error" not in answer, answer
        return answer

    def read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def token(self, algorithm: str = "RS256") -> str:
        """Get an access token from the token endpoint."""
        return str(self.order("token", algorithm=algorithm)["token"])

    @contextlib.contextmanager
    def broken(self, fault: str) -> Iterator[None]:
        """Serve no key set but this fault."""
        self.order("fault", name=fault)
        try:
            yield
        finally:
            self.order("fault", name=None)


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Provider]:
    """Run a provider; its certificate is for ``localhost``."""
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("needs Node and the packages of package-lock.json")
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    files = [folder / "provider.pem", folder / "provider.key", folder / "ca.pem"]
    certificate.cert_chain_pems[0].write_to_path(str(files[0]))
    certificate.private_key_pem.write_to_path(str(files[1]))
    authority.cert_pem.write_to_path(str(files[2]))
    command = [node, str(SCRIPT), *map(str, files)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]
        provider = Provider(process, files[2])
        provider.issuer = provider.read()["issuer"]
        try:
            yield provider
        finally:
            process.stdin.close()
            process.wait(10)
