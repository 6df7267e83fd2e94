"""The comment that silences a finding never becomes part of a string, a tag or a command."""

from __future__ import annotations

import pytest

from tests.support.server import Session
from tests.support.tokens import compact

URI = "file:///folder/a"
TOKEN = compact({"sub": "somebody", "exp": 1700000000})
POLICY = """<policies>
  <inbound>
    <base />
    <validate-jwt header-name="Authorization">
      <openid-config url="https://idp.example/x" />
    </validate-jwt>
  </inbound>
</policies>
"""
CODE = "apim-clock-skew-zero"


def silenced(text: str, language: str, code: str, name: str = "") -> str | None:
    """Return the text after ``code`` was silenced where it was found; None where that is not offered."""
    uri = URI + name
    with Session() as session:
        session.open(uri, text, language)
        found = [item for item in session.diagnostics(uri)["items"] if item["code"] == code]
        start = found[0]["range"]["start"]
        actions = session.code_actions(uri, start["line"], start["character"])
        chosen = [action for action in actions if action["title"] == f"Ignore {code} here"]
        if not chosen:
            return None
        made = session.request("codeAction/resolve", chosen[0])["edit"]
        (edit,) = made["documentChanges"][0]["edits"]
        assert edit["range"]["start"] == edit["range"]["end"]
        lines = text.splitlines(keepends=True)
        place = edit["range"]["start"]
        before, after = lines[place["line"]][: place["character"]], lines[place["line"]][place["character"] :]
        lines[place["line"]] = before + edit["newText"] + after
        changed = "".join(lines)
        session.change(uri, 2, {"text": changed})
        left = [item for item in session.diagnostics(uri)["items"] if item["code"] == code]
        assert len(left) < len(found)
        return changed


@pytest.mark.parametrize(
    ("language", "name", "before", "after"),
    [
        ("terraform", ".tf", 'resource "x" "y" {\n  xml_content = <<XML\n', "XML\n}\n"),
        ("bicep", ".bicep", "resource p 'x' = {\n  value: '''\n", "'''\n}\n"),
        ("xml", ".xml", "", ""),
        ("plaintext", ".xml", "", ""),
    ],
)
def test_in_a_policy_it_is_a_comment_of_xml(language: str, name: str, before: str, after: str) -> None:
    comment = f"<!-- claimlens: ignore[{CODE}] -->"

    assert silenced(before + POLICY + after, language, CODE, name) == (
        before + POLICY.replace("    <validate-jwt", f"    {comment}\n    <validate-jwt") + after
    )


def test_a_tag_on_several_lines_is_not_torn_apart() -> None:
    policy = POLICY.replace('<validate-jwt header-name="Authorization">', '<base />\n<validate-jwt\n clock-skew="x">')

    assert silenced(policy, "xml", "apim-clock-skew-format", ".xml") == policy.replace(
        ' clock-skew="x">', ' clock-skew="x"> <!-- claimlens: ignore[apim-clock-skew-format] -->'
    )


def test_code_on_several_lines_is_left_alone() -> None:
    policy = POLICY.replace("<base />", '<set-variable name="a" value="@{\n var x = context.Nonsense;\n return 1;}" />')

    assert silenced(policy, "xml", "apim-unknown-member", ".xml") is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("yaml", f"env:\n  TOKEN: >-\n    {TOKEN}\n"),
        ("yaml", f"env:\n  - run: |2-  # one\n      first\n\n      curl {TOKEN}\n"),
        ("shellscript", f"curl \\\n  -H 'Authorization: Bearer {TOKEN}'\n"),
        ("http", f'POST https://api.example/\nAccept: */*\n\n{{"token":\n "{TOKEN}"}}\n'),
        ("python", f'token = """\n{TOKEN}\n"""\n'),
        ("javascript", f"const token = `\n  {TOKEN}`;\n"),
        ("powershell", f"Invoke-RestMethod `\n  -Token {TOKEN}\n"),
    ],
)
def test_what_goes_on_from_the_line_above_is_left_alone(language: str, text: str) -> None:
    assert silenced(text, language, "jwt-expired") is None


@pytest.mark.parametrize(
    ("language", "text", "comment"),
    [
        ("yaml", f"env:\n  A: >-\n    text\n  TOKEN: {TOKEN}\n", "  # claimlens: ignore[jwt-expired]\n  TOKEN"),
        ("http", f"GET /a\n\n###\n\n@a={TOKEN}\n", "# claimlens: ignore[jwt-expired]\n@a"),
        ("http", f"GET /a\nA: b\nCookie: {TOKEN}\n", "# claimlens: ignore[jwt-expired]\nCookie"),
        ("shellscript", f"set -e\r\ncurl {TOKEN}\r\n", "# claimlens: ignore[jwt-expired]\r\ncurl"),
    ],
)
def test_elsewhere_it_stands_on_the_line_above(language: str, text: str, comment: str) -> None:
    line = comment.splitlines()[-1]

    assert silenced(text, language, "jwt-expired") == text.replace(line, comment)
