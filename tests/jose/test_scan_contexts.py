"""Where tokens stand in real files: each is found, once, from its first to its last character."""

from __future__ import annotations

import json

import pytest

from claimlens.jose import SegmentRole, TokenForm, scan
from tests.support.compact import encoded, hs256, jwe, jws, octets

LONG = jws()
SHORT = hs256()
SECRET = jwe()

CONTEXTS = {
    "bearer header": f"Authorization: Bearer {LONG}\n",
    "http file": f"GET https://api.example.com HTTP/1.1\r\nAuthorization: Bearer {LONG}\r\n\r\n###\r\n",
    "env file": f"TOKEN={LONG}\nNEXT=1\n",
    "env file, quoted": f'export TOKEN="{SHORT}"\n',
    "shell": f"curl -H 'Authorization: Bearer {LONG}' https://api.example.com",
    "json": json.dumps({"access_token": LONG, "expires_in": 3599}),
    "json in json": json.dumps(json.dumps({"token": LONG})),
    "json in json in json": json.dumps(json.dumps(json.dumps({"token": LONG}))),
    "postman": json.dumps({"auth": {"type": "bearer", "bearer": [{"key": "token", "value": SHORT}]}}, indent=2),
    "har": json.dumps({"headers": [{"name": "authorization", "value": f"Bearer {LONG}"}]}),
    "escaped quote": f"\\u0022{LONG}\\u0022",
    "escaped line break": f"first\\n{LONG}\\nlast",
    "escaped tab": f"first\\t{LONG}",
    "percent-encoded blank": f"?q=Bearer%20{LONG}",
    "percent-encoded equals": f"?state=token%3D{LONG}%26x",
    "percent-encoded twice": f"?state=token%253D{LONG}%2526x",
    "query string": f"https://app.example.com/?token={LONG}&state=1",
    "fragment": f"https://app.example.com/#id_token={LONG}&state=1",
    "path": f"https://app.example.com/{SHORT}/details",
    "cookie": f"Cookie: a=1; session={LONG}; b=2",
    "yaml": f"token: {LONG}\nother: 1\n",
    "xml": f"<value>Bearer {LONG}</value>",
    "xml attribute": f'<add key="token" value="{LONG}"/>',
    "html entity": f"&quot;{LONG}&quot;",
    "markdown": f"The token `{LONG}` is [here](x).",
    "sentence": f"The token is {SHORT}. Next sentence.",
    "in parentheses": f"({SHORT}), and so on",
    "minified": f'var a={{t:"{LONG}",u:1}};',
    "log": f"2026-11-24T10:00:00Z INFO [auth] token={LONG} status=401\n",
    "coloured log": f"\x1b[32m{LONG}\x1b[0m",
    "coloured log, escaped": f"\\u001b[32m{LONG}\\u001b[0m",
    "line numbers": f"  12 | token: {LONG}\n",
    "no blank after the scheme": f"Authorization: Bearer{LONG}",
    "byte order mark": f"\ufeff{LONG}\r\n",
    "full-width text": f"トークン「{LONG}」です",
    "powershell object": f"AccessToken : {LONG}\r\nExpiresOn   : 01/01/2026\r\n",
    "old mac line ends": f"a\r{LONG}\rb",
    "line separator": f"a\u2028{LONG}\u2028b",
    "encrypted": f"id_token_hint={SECRET}&x=1",
}


@pytest.mark.parametrize("text", CONTEXTS.values(), ids=CONTEXTS.keys())
def test_a_token_is_found_once_and_exactly(text: str) -> None:
    expected = next(token for token in (LONG, SHORT, SECRET) if token in text)
    (token,) = scan(text)
    assert token.text == expected
    assert token.span.slice(text) == expected
    assert not token.pieces
    assert not token.defects


def underlined(text: str) -> str:
    """Return the line below a text, with ``^`` under what was found."""
    found = scan(text)
    marked = {offset for token in found for offset in range(token.span.start, token.span.end)}
    return "".join("^" if offset in marked else " " for offset in range(len(text))).rstrip()


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        (
            'a "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0." b',
            "   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        ),
        (
            "use eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0 here",
            "    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        ),
        (
            "use eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx... here",
            "    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        ),
        (
            "Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6…",
            "       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        ),
        (
            "eyJhbGciOiJIUzI1NiJ9.!!!.x",
            "^^^^^^^^^^^^^^^^^^^^^^^^^^",
        ),
        ("use eyJ… or eyJ... as a prefix", ""),
    ],
)
def test_marked_ranges(text: str, marks: str) -> None:
    assert underlined(text) == marks


LOOK_ALIKES = {
    "prose": 'A token begins with eyJ, since that is what {" encodes to; eyJ... and so on.',
    "header constant": 'const header = "eyJhbGciOiJIUzI1NiJ9";',
    "json serialization": '{"payload":"eyJ1c2VyIjoiYSJ9","protected":"eyJhbGciOiJIUzI1NiJ9","signature":"AA"}',
    "signed cookie": "eyJpZCI6NSwibmFtZSI6Iml0cyJ9.6YP6T0BaO67XP--9UzTrmurXSmg",
    "source map": "//# sourceMappingURL=data:application/json;base64," + encoded({"version": 3, "sources": []}) + "=",
    "playground link": "https://play.example.com/#eyJzZXR0aW5nc1NvdXJjZ...",
    "docker configuration": "eyJhdXRocyI6eyJodHRwczovL2V4YW1wbGUvdjEvIjp7ImF1dGgiOiJvcGVuc2VzYW1lIn19fQo=",
    "dotted names": "com.example.framework.eworkElement.Something and keyboards.eyJacket.thing.other",
    "masked token": "eyJhbGci…[1706 characters, RS256]",
    "middle of a blob": "QUJD" * 30 + hs256(),
    "paseto": f"v2.local.{encoded(octets(120))}.{encoded('Paragon Initiative')}",
    "uuid list": "3f2504e0-4f89-11d3-9a0c-0305e82c3301.3f2504e0-4f89-11d3-9a0c-0305e82c3301.x",
}


@pytest.mark.parametrize("text", LOOK_ALIKES.values(), ids=LOOK_ALIKES.keys())
def test_look_alikes_are_not_reported(text: str) -> None:
    assert scan(text) == ()


@pytest.mark.parametrize(
    "header",
    [
        '{"alg":"HS256"}',
        '{ "alg": "HS256"}',
        '{\n  "alg": "HS256"\n}',
        '{\r\n  "alg": "HS256"\r\n}',
        '{\t"alg": "HS256"}',
        ' {"alg": "HS256"}',
        '  {"alg": "HS256"}',
        ' \n{"alg": "HS256"}',
        ' \t{"alg": "HS256"}',
        '\n{"alg": "HS256"}',
        '\n\n{"alg": "HS256"}',
        '\n {"alg": "HS256"}',
        '\t{"alg": "HS256"}',
        '\t\t{"alg": "HS256"}',
        '\r\n{"alg": "HS256"}',
        '\r {"alg": "HS256"}',
        '{"1":2,"alg":"HS256"}',
        '{"":"","alg":"HS256"}',
        '{"ключ":"","alg":"HS256"}',
    ],
)
def test_a_header_may_begin_with_blanks_and_any_member(header: str) -> None:
    text = f"x {encoded(header)}.{encoded({'sub': '1'})}.{encoded(octets(32))} y"
    (token,) = scan(text)
    assert token.form is TokenForm.JWS
    assert token.algorithm == "HS256"


def test_every_form_is_told_apart() -> None:
    head, body = encoded({"alg": "HS256"}), encoded({"sub": "1"})
    signature = encoded(octets(32))
    forms = {
        f"{head}.{body}.{signature}": TokenForm.JWS,
        f"{encoded({'alg': 'none'})}.{body}.": TokenForm.JWS,
        f"{head}.{body}.": TokenForm.JWS,
        f"{head}..{signature}": TokenForm.JWS,
        jwe(): TokenForm.JWE,
        jwe({"alg": "RSA-OAEP", "enc": "A128GCM"}, octets(256)): TokenForm.JWE,
        f"{head}.{body}": TokenForm.TRUNCATED,
        jwe().rpartition(".")[0]: TokenForm.TRUNCATED,
    }
    for text, form in forms.items():
        (token,) = scan(text)
        assert (token.form, token.span.slice(text)) == (form, text)


def test_a_complete_token_before_dots_is_complete() -> None:
    (token,) = scan(f"{SHORT}... and more")
    assert (token.form, token.text) == (TokenForm.JWS, SHORT)


@pytest.mark.parametrize("mark", ["...", "…", "[...]", " [truncated]", "<truncated>", "***"])
@pytest.mark.parametrize("kept", [60, 150, 400])
def test_a_cut_token_is_truncated(mark: str, kept: int) -> None:
    (token,) = scan(f"Bearer {LONG[:kept]}{mark}")
    assert (token.form, token.text) == (TokenForm.TRUNCATED, LONG[:kept])


def test_a_log_that_cuts_lines_leaves_truncated_tokens() -> None:
    (token,) = scan(f"INFO Authorization: Bearer {LONG[:30]}\nINFO next")
    assert (token.form, token.text) == (TokenForm.TRUNCATED, LONG[:30])


def test_padding_inside_belongs_to_the_token() -> None:
    padded = ".".join(part + "=" * (-len(part) % 4) for part in SHORT.split("."))
    (token,) = scan(f"'{padded}'")
    assert token.text == padded
    assert {defect.code for defect in token.defects} == {"base64url-padding"}


def test_ordinary_base64_belongs_to_the_token_where_it_completes_it() -> None:
    header, claims, signature = encoded({"alg": "HS256"}), encoded({"sub": "~~~???>>>~"}), encoded(b"\xff\xef" * 16)
    ordinary = ".".join((header, claims, signature)).replace("-", "+").replace("_", "/")
    assert "/" in claims.replace("_", "/")
    (token,) = scan(f"x={ordinary} y")
    assert token.text == ordinary
    assert {defect.code for defect in token.defects} == {"base64url-alphabet"}


def test_disclosures_follow_the_span() -> None:
    disclosures = [encoded('["salt","name","Zoë"]'), encoded('["salt","age",7]')]
    text = f"vc={SHORT}~{'~'.join(disclosures)}~ end"
    (token,) = scan(text)
    found = [segment for segment in token.segments if segment.role is SegmentRole.DISCLOSURE]
    assert token.span.slice(text) == SHORT
    assert [segment.text for segment in found] == disclosures
    assert [segment.span.slice(text) for segment in found] == disclosures


def test_too_long_a_token_is_reported_and_not_decoded() -> None:
    text = f"x {jws(claims={'sub': 'a' * 200_000})} y"
    (token,) = scan(text)
    assert token.form is TokenForm.OVERSIZED
    assert token.span.slice(text) == text[2:-2]
    assert (token.header, token.payload, token.segments) == (None, None, ())
    assert [defect.code for defect in token.defects] == ["oversized"]


def test_nothing_of_a_token_shows_in_its_repr() -> None:
    (token,) = scan(f"{SHORT}~{encoded(['s', 'name', 'v'])}~")
    shown = repr((token, token.segments, token.decoded, token.masked()))
    assert not any(part in shown for part in SHORT.split("."))
    assert token.masked() == f"{SHORT[:8]}…[{len(SHORT)} characters, HS256]"


def test_a_hostile_algorithm_is_not_shown() -> None:
    token = scan(jws({"alg": "\x1b[31m<script>"}))[0]
    assert token.masked().endswith("characters, no known algorithm]")
