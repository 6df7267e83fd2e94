"""A value from a token is one literal of the language it stands in, whatever it holds."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from claimlens import jose
from claimlens.diagnosis.snippets import targets, write
from claimlens.diagnosis.snippets.literals import LITERALS, Url
from claimlens.text.escape import visible
from tests.support.snippets import CLAIMS, NOW
from tests.support.tokens import compact

HOSTILE = [
    "'; touch owned; '",
    '"; import os; os.abort(); "',
    "$(touch owned)",
    "`touch owned`",
    "${jndi:ldap://host.example}",
    "]]><inbound/>",
    "--><set-header/>",
    "</audience><audience>*",
    "@(context.Variables)",
    " @{ return 1; }",
    "{{secret-value}}",
    "a\nb\r\nc\u2028d\x85e",
    "\x1b]0;title\x07",
    "\u202eevil\u202c",
    "\u2019; Remove-Item owned; \u2018",
    "\\",
    "\\'\\\"",
    "\\u0022; System.exit(1); //",
    "*/ evil /*",
    "\U0001f600\ud800",
    "\x00",
    "%0d%0aHost: evil",
    "### \nDELETE https://host.example",
    "",
]
TEXTS = st.one_of(st.text(), st.sampled_from(HOSTILE))


@given(TEXTS)
def test_python_reads_the_value_back(value: str) -> None:
    kept = "".join("\ufffd" if "\ud800" <= each <= "\udfff" else each for each in value)

    assert ast.literal_eval(LITERALS["python"](value)) == kept


@given(TEXTS)
def test_json_and_its_kin_read_the_value_back(value: str) -> None:
    literal = LITERALS["javascript"](value)

    assert json.loads(literal) == value
    assert literal.isascii()
    assert literal.isprintable()


@given(TEXTS)
def test_java_finds_no_quote_and_no_line_break_behind_an_escape(value: str) -> None:
    literal = LITERALS["java"](value).replace("\\\\", "")

    assert not any(f"\\u{code:04x}" in literal.lower() for code in (0x22, 0x27, 0x5C, 0x0A, 0x0D))


@given(TEXTS)
def test_xml_holds_the_value_as_text(value: str) -> None:
    literal = LITERALS["policy"](value)
    root = etree.fromstring(f'<claim name="{literal}">{literal}</claim>')
    read = root.text or ""

    assert len(root) == 0
    assert read == root.get("name")
    if read.startswith("@("):
        assert set(read[3:-2]) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._:/-\\")
        assert json.loads(read[2:-1]) == value
    else:
        assert not read.lstrip().startswith("@")
        assert "{{" not in read


@given(TEXTS)
def test_powershell_ends_no_string_early(value: str) -> None:
    literal = LITERALS["powershell"](value)
    outside = _outside_quotes(literal).replace("[char]::ConvertFromUtf32", "")

    assert literal == visible(literal)
    assert set(outside) <= set("()+ []charx0123456789ABCDEF")


def test_powershell_makes_characters_beyond_the_first_plane_of_two_units() -> None:
    assert (
        LITERALS["powershell"]("a\U000e0041\u200b") == "('' + 'a' + [char]::ConvertFromUtf32(0xE0041) + [char]0x200B)"
    )


def _outside_quotes(literal: str) -> str:
    """Return what PowerShell takes for code: any typographic quote ends a string, two are one inside."""
    found, inside = [], False
    for character in literal:
        if character in "'\u2018\u2019\u201a\u201b":
            inside = not inside
        elif not inside:
            found.append(character)
    assert not inside
    return "".join(found)


@given(TEXTS)
def test_a_form_holds_the_value_in_one_field(value: str) -> None:
    literal = LITERALS["form"](value)

    assert not set(literal) & set("&=\r\n {}#$")
    assert unquote(literal) == "".join("\ufffd" if "\ud800" <= each <= "\udfff" else each for each in value)


@given(TEXTS)
def test_a_url_holds_nothing_that_means_anything_outside_urls(value: str) -> None:
    assert not set(Url.of(f"https://host.example/{value}")) & set("\"'`$(){}<>\\ \r\n|^")


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_reads_the_values_back() -> None:
    values = [value for value in HOSTILE if "\x00" not in value and "\ud800" not in value]
    script = "\n".join(f"printf '%s\\0' {LITERALS['shell'](value)}" for value in values)
    printed = subprocess.run(["bash"], input=script.encode(), capture_output=True, check=True).stdout

    assert printed.decode().split("\0")[:-1] == values


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("target", targets())
def test_a_hostile_token_changes_nothing_but_literals(target: str, value: str) -> None:
    """Every line of the snippet of a plain token is there, but for what stands in literals."""
    hostile = {**CLAIMS["entra-v2"], "aud": [value], "azp": value, "scp": [value], "oid": value, "uti": value}
    written = write(jose.decode(compact(hostile)), target, NOW).text

    assert written == "".join(each for each in written if each == "\n" or each == "\t" or each == visible(each))
    if target == "python-pyjwt" and written:
        assert not [node for node in ast.walk(ast.parse(written)) if isinstance(node, ast.Name) and node.id == "os"]
    if target == "easyauth" and written:
        assert json.loads(written)
    if target.startswith("apim") and written:
        assert {node.tag for node in etree.fromstring(written).iter()} <= {
            "validate-jwt", "validate-azure-ad-token", "openid-config", "audiences", "audience", "issuers", "issuer",
            "required-claims", "claim", "value", "client-application-ids", "application-id",
        }  # fmt: skip


@pytest.mark.skipif(shutil.which("javac") is None, reason="needs a JDK")
def test_java_parses_with_hostile_values(tmp_path: Path) -> None:
    for number, value in enumerate(HOSTILE):
        claims = {**CLAIMS["oidc"], "aud": [value or "none"], "scope": value}
        written = write(jose.decode(compact(claims)), "java-spring", NOW).text
        (tmp_path / f"Snippet{number}.java").write_text(written)
    command = ["java", str(Path(__file__).with_name("ParseJava.java")), *map(str, sorted(tmp_path.iterdir()))]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=120)

    assert (ended.returncode, ended.stdout + ended.stderr) == (0, "")
