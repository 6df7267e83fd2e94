"""Tokens that stand on several lines or in several string literals are one token, and nothing else is joined."""

from __future__ import annotations

import pytest

from claimlens.jose import TokenForm, scan
from tests.support.compact import encoded, hs256, jwe, jws, lines, octets

LONG = jws()
SHORT = hs256()
ES256 = jws({"alg": "ES256", "typ": "JWT"}, signature=octets(64))
RSA4096 = jws(signature=octets(512))
SECRET = jwe()


def rfc_style(token: str) -> str:
    """Return the token as RFCs print it: parts indented and folded, dots on lines of their own."""
    return "\n     .\n".join("\n".join(f"     {line}" for line in lines(part, 60)) for part in token.split("."))


WRAPPED = {
    "rfc": f"As follows:\n\n{rfc_style(LONG)}\n\n   The end",
    "rfc, short": f"As follows:\n\n{rfc_style(SHORT)}\n\n   The end",
    "yaml folded": "token: >-\n  " + "\n  ".join(lines(LONG, 76)) + "\nother: value\n",
    "yaml literal, windows": "token: |\r\n    " + "\r\n    ".join(lines(LONG, 64)) + "\r\nother: value\r\n",
    "old mac line ends": "\r".join(lines(LONG, 64)) + "\r\rend",
    "shell continuation": "curl -H 'Authorization: Bearer " + "\\\n".join(lines(LONG, 70)) + "' https://x",
    "powershell continuation": "$t = " + "`\r\n".join(lines(LONG, 70)) + "\r\n",
    "diff": "+" + "\n+".join(lines(LONG, 70)) + "\n+\n",
    "mail": "\n".join(lines(LONG, 72)) + "\nRegards\n",
    "mail, short": "\n".join(lines(SHORT, 72)) + "\nRegards\n",
    "quoted mail": "> " + "\n> ".join(lines(LONG, 70)) + "\n>\n> Regards",
    "mail quoted twice": "> > " + "\n> > ".join(lines(LONG, 70)) + "\n> > \n",
    "quoted-printable": "token=3D" + "=\n".join(lines(LONG, 75)) + "\n",
    "comment": "# " + "\n# ".join(lines(LONG, 70)) + "\n# the end of it\n",
    "block comment": "/*\n * " + "\n * ".join(lines(ES256, 70)) + "\n */",
    "powershell list": "access_token : " + "\r\n               ".join(lines(LONG, 90)) + "\r\nexpires_in   : 3599\r\n",
    "python": "t = (\n" + "\n".join(f'    "{line}"' for line in lines(LONG, 70)) + "\n)",
    "python bytes": "t = (\n" + "\n".join(f"    b'{line}'  # part" for line in lines(LONG, 70)) + "\n)",
    "javascript": "const t =\n" + " +\n".join(f"  '{line}'" for line in lines(LONG, 70)) + ";",
    "java": "String t = " + "\n    + ".join(f'"{line}"' for line in lines(LONG, 70)) + ";",
    "c sharp": "var t = " + ' + "." + '.join(f'@"{part}"' for part in LONG.split(".")) + ";",
    "visual basic": "t = " + " & _\n    ".join(f'"{line}"' for line in lines(LONG, 70)),
    "php": "$t = " + "\n  . ".join(f"'{line}'" for line in lines(LONG, 70)) + ";",
    "c macro": "#define T " + " \\\n  ".join(f'"{line}"' for line in lines(LONG, 70)) + "\n",
    "parts in literals": "\n".join(f'"{part}"' for part in SHORT.replace(".", ". ").split(" ")),
    "encrypted": "x: |\n    " + "\n    ".join(lines(SECRET, 64)) + "\n",
    "encrypted in literals": "\n".join(f'"{line}"' for line in lines(SECRET, 64)),
    "rsa 4096, broken at the length of 2048": "\n".join([RSA4096[:-683], *lines(RSA4096[-683:], 57)]) + "\n",
    "wrapped in the header": "\n".join([LONG[:20], *lines(LONG[20:], 76)]) + "\n",
}


@pytest.mark.parametrize("text", WRAPPED.values(), ids=WRAPPED.keys())
def test_a_wrapped_token_is_one_token(text: str) -> None:
    (token,) = scan(text)
    assert token.form in (TokenForm.JWS, TokenForm.JWE)
    assert token.text in (LONG, SHORT, ES256, RSA4096, SECRET)
    assert not token.defects
    assert "".join(piece.slice(text) for piece in token.pieces) == token.text
    assert text[token.span.start] == token.text[0]
    assert text[token.span.end - 1] == token.text[-1]


@pytest.mark.parametrize("text", WRAPPED.values(), ids=WRAPPED.keys())
def test_the_parts_of_a_wrapped_token_cover_the_wrapping(text: str) -> None:
    (token,) = scan(text)
    assert ".".join(segment.text for segment in token.segments) == token.text
    assert token.segments[0].span.start == token.span.start
    assert token.segments[-1].span.end == token.span.end
    for segment in token.segments:
        covered = [piece.slice(text) for piece in token.pieces if piece.overlaps(segment.span)]
        assert segment.text in "".join(covered)


def test_what_follows_a_complete_token_is_not_joined() -> None:
    text = f"{SHORT}\nRegards\n{LONG}\nOK\n"
    assert [(token.text, token.pieces) for token in scan(text)] == [(SHORT, ()), (LONG, ())]


def test_tokens_below_one_another_stay_apart() -> None:
    text = "\n".join([*lines(LONG, 64), *lines(SHORT, 64), *lines(ES256, 64), SHORT])
    assert [token.text for token in scan(text)] == [LONG, SHORT, ES256, SHORT]


def test_tokens_in_a_list_of_literals_stay_apart() -> None:
    text = f'["{SHORT}", "{LONG}"]\n["{ES256}",\n "{SHORT}"]'
    assert [token.text for token in scan(text)] == [SHORT, LONG, ES256, SHORT]


def test_a_literal_that_varies_the_last_character_is_left_alone() -> None:
    """Such tests mean the token with and without its end; the first literal is a token on its own."""
    text = f'token := "{LONG[:-1]}" +\n\t"{LONG[-1]}"'
    assert [token.text for token in scan(text)] == [LONG[:-1]]


def test_lines_that_only_stand_below_one_another_are_not_joined() -> None:
    header = encoded({"alg": "HS256"})
    assert scan(f"{header}\n.\n{encoded('message')}\n.\n{encoded(octets(32))}") == ()
    assert scan(f"{header}\n{header}\nother.words.here\n") == ()


def test_literals_that_make_no_text_are_not_joined() -> None:
    header = encoded({"alg": "HS256"})
    assert scan(f'"{header}"\n".{encoded(octets(40))}"\n".{encoded(octets(32))}"') == ()


def test_a_fake_signature_ends_with_its_line() -> None:
    token = f"{encoded({'alg': 'RS256'})}.{encoded({'iss': 'x' * 90})}.signature"
    (found,) = scan("\n".join(lines(token, 64)) + "\nRegards\n")
    assert found.text == token


def test_a_wrapped_token_that_is_cut_off_is_truncated_to_its_end() -> None:
    cut = LONG[:200]
    (found,) = scan("> " + "\n> ".join(lines(cut, 70)) + "...\n> and more")
    assert (found.form, found.text) == (TokenForm.TRUNCATED, cut)
