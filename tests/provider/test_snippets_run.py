"""The validation snippets are run: they accept a token of a real provider and refuse it for another audience."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from claimlens import jose
from claimlens.diagnosis.snippets import write
from tests.support.provider import ROOT, Provider
from tests.support.tokens import compact

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("provider")]

NODE = """\
import { validate } from './snippet.mjs';
try {
  console.log(`accepted ${(await validate(process.argv[2])).aud}`);
} catch (error) {
  console.log(`refused ${error.code} ${error.claim} ${error.message}`);
}
"""
PYTHON = """\
import sys
from snippet import validate
try:
    print("accepted", validate(sys.argv[1])["aud"])
except Exception as error:
    print("refused", type(error).__name__, error)
"""

JAVA = """\
import org.springframework.security.config.annotation.web.builders.HttpSecurity;

class Run {
    public static void main(String[] tokens) throws Exception {
        try {
            var security = new ApiSecurity();
            var token = security.jwtDecoder().decode(tokens[0]);
            boolean admitted = security.api(new HttpSecurity()).admits(token);
            System.out.println(admitted ? "accepted " + token.claims().get("aud") : "refused for its permissions");
        } catch (IllegalArgumentException error) {
            System.out.println("refused " + error.getMessage());
        }
    }
}
"""
GO = """\
package main

import (
	"auth"
	"context"
	"fmt"
	"os"
)

func main() {
	ctx := context.Background()
	verifier, err := auth.NewVerifier(ctx)
	if err != nil {
		panic(err)
	}
	token, err := auth.Validate(ctx, verifier, os.Args[1])
	if err != nil {
		fmt.Println("refused", err)
	} else {
		fmt.Println("accepted", token.Audience[0])
	}
}
"""
GO_SOURCES = Path(os.environ.get("CLAIMLENS_GO_SOURCES", "/usr/share/gocode"))
"""Where Debian's golang-github-coreos-go-oidc-dev puts the library and what it needs."""


def for_claims(token: str, target: str, **changed: object) -> str:
    """Return the snippet for a token like this one but for some claims."""
    real = jose.decode(token)
    claims = {**(real.payload or {}), **changed}
    return write(jose.decode(compact(claims, real.header)), target, datetime.now(UTC)).text


def run_node(folder: Path, provider: Provider, snippet: str, token: str) -> str:
    (folder / "node_modules").symlink_to(ROOT / "node_modules", target_is_directory=True)
    (folder / "snippet.mjs").write_text(snippet)
    (folder / "run.mjs").write_text(NODE)
    return _run(folder, [str(shutil.which("node")), "run.mjs", token], NODE_EXTRA_CA_CERTS=str(provider.ca_file))


def run_python(folder: Path, provider: Provider, snippet: str, token: str) -> str:
    (folder / "snippet.py").write_text(snippet)
    (folder / "run.py").write_text(PYTHON)
    return _run(folder, [sys.executable, "run.py", token], SSL_CERT_FILE=str(provider.ca_file))


def run_java(folder: Path, provider: Provider, snippet: str, token: str) -> str:
    """Run the snippet with stand-ins for Spring Security; spring/README.md tells of them."""
    if shutil.which("javac") is None:
        pytest.skip("needs a Java compiler")
    (folder / "ApiSecurity.java").write_text(snippet)
    (folder / "Run.java").write_text(JAVA)
    trust = ["-keystore", "trust.p12", "-storepass", "changeit", "-file", str(provider.ca_file)]
    _run(folder, ["keytool", "-importcert", "-noprompt", "-alias", "ca", *trust])
    standing_in = f"{Path(__file__).parent / 'spring'}"
    compiled = _run(
        folder,
        [
            "javac",
            "-Xlint:all,-varargs",
            "-Werror",
            "-sourcepath",
            standing_in,
            "-d",
            ".",
            "Run.java",
            "ApiSecurity.java",
        ],
    )
    assert compiled == ""
    trusted = ["-Djavax.net.ssl.trustStore=trust.p12", "-Djavax.net.ssl.trustStorePassword=changeit"]
    return _run(folder, ["java", *trusted, "-cp", ".", "Run", token])


def run_go(folder: Path, provider: Provider, snippet: str, token: str) -> str:
    """Run the snippet with go-oidc; Debian has its version 2, whose names are those of version 3."""
    library = GO_SOURCES / "src" / "github.com" / "coreos" / "go-oidc"
    if shutil.which("go") is None or not library.is_dir():
        pytest.skip("needs Go 1.21 and go-oidc")
    sources = folder / "src"
    version = sources / "github.com" / "coreos" / "go-oidc" / "v3"
    version.mkdir(parents=True)
    (version / "oidc").symlink_to(library, target_is_directory=True)
    for name, text in {"auth/auth.go": snippet, "run/main.go": GO}.items():
        (sources / name).parent.mkdir()
        (sources / name).write_text(text)
    _run(folder, ["go", "build", "-o", "run", "run"], GO111MODULE="off", GOPATH=f"{folder}:{GO_SOURCES}", GOFLAGS="")
    return _run(folder, ["./run", token], SSL_CERT_FILE=str(provider.ca_file))


def _run(folder: Path, command: list[str], **environment: str) -> str:
    ended = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120
    )
    return ended.stdout + ended.stderr


RUNTIMES = {"node-jose": run_node, "python-pyjwt": run_python, "java-spring": run_java, "go": run_go}


@pytest.mark.parametrize("target", RUNTIMES)
class TestRun:
    @pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
    def test_the_token_is_accepted(self, provider: Provider, tmp_path: Path, target: str, algorithm: str) -> None:
        token = provider.token(algorithm)

        assert RUNTIMES[target](tmp_path, provider, for_claims(token, target), token) == "accepted api://orders\n"

    def test_another_audience_is_refused(self, provider: Provider, tmp_path: Path, target: str) -> None:
        token = provider.token()
        answer = RUNTIMES[target](tmp_path, provider, for_claims(token, target, aud="api://invoices"), token)

        assert answer.startswith("refused")
        assert "aud" in answer.lower()

    def test_another_permission_is_refused(self, provider: Provider, tmp_path: Path, target: str) -> None:
        token = provider.token()
        answer = RUNTIMES[target](tmp_path, provider, for_claims(token, target, scope="Orders.Delete"), token)

        assert answer.startswith("refused")
        assert "permissions" in answer

    def test_another_algorithm_is_refused(self, provider: Provider, tmp_path: Path, target: str) -> None:
        token = provider.token("RS256")
        answer = RUNTIMES[target](tmp_path, provider, for_claims(provider.token("ES256"), target), token)

        assert answer.startswith("refused")
