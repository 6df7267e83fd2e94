"""A known message is recognised whatever terminals, JSON, HTML and narrow windows have made of it."""

from __future__ import annotations

import html
import json
import re
import textwrap
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.entra.errors import recognise
from claimlens.entra.errors.catalogue import entries
from claimlens.entra.errors.plain import plain
from claimlens.text.spans import Span

ENTRIES = [entry for entry in entries() if entry.confidence != "low"]
AUDIENCE = (
    "IDX10214: Audience validation failed. Audiences: 'api://a/b'. Did not match: "
    "validationParameters.ValidAudience: 'api://c' or validationParameters.ValidAudiences: 'null'."
)


def coloured(text: str) -> str:
    """Colour the first word, as loggers do."""
    return re.sub(r"\A\S+", lambda word: f"\x1b[1;31m{word[0]}\x1b[0m", text)


def in_json(text: str) -> str:
    return json.dumps({"message": text})


def as_dotnet_writes_json(text: str) -> str:
    return (
        in_json(text).replace("'", "\\u0027").replace('\\"', "\\u0022").replace("&", "\\u0026").replace("<", "\\u003C")
    )


MADE: dict[str, Callable[[str], str]] = {
    "coloured": lambda text: f"\x1b[31m{text}\x1b[0m",
    "coloured in part": coloured,
    "coloured in JSON": lambda text: in_json(coloured(text)),
    "in JSON": in_json,
    "in JSON in JSON": lambda text: in_json(in_json(text)),
    "in JSON of .NET": as_dotnet_writes_json,
    "in PHP's JSON": lambda text: in_json(text).replace("/", "\\/"),
    "in HTML": html.escape,
    "with CRLF": lambda text: f"before\r\n{text}\r\nbehind",
}


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_every_message_is_recognised(make: Callable[[str], str]) -> None:
    lost = [
        entry.id for entry in ENTRIES if entry.id not in [found.entry.id for found in recognise(make(entry.example))]
    ]

    assert lost == []


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_the_values_are_those_of_the_message(make: Callable[[str], str]) -> None:
    text = make(AUDIENCE)
    (mention,) = recognise(text)

    assert mention.values["found_audience"][0].text == "api://a/b"
    assert mention.values["expected_audience"][0].text == "api://c"
    assert text[mention.span.start : mention.span.end] == "IDX10214"
    assert text[slice(*astuple(mention.values["expected_audience"][0].span))].replace("\\", "") == "api://c"


def astuple(span: Span) -> tuple[int, int]:
    return span.start, span.end


@pytest.mark.parametrize("indent", ["", "      ", "\t"])
@pytest.mark.parametrize("width", [70, 74, 78, 82, 86, 90, 100])
def test_a_wrapped_message_is_one(width: int, indent: str) -> None:
    message = "the middleware that stands before the orders says that the scope is not found in token of the caller"
    lines = textwrap.wrap(f"2026-01-31T10:32:05Z {message} and has answered the request with a 401", width)

    assert [found.entry.id for found in recognise(f"\n{indent}".join(lines))] == ["passport-azure-no-scope"]


@pytest.mark.parametrize(
    ("lines", "entry"),
    [
        (
            [
                "2026-01-31 An error occurred while attempting to decode the",
                "Jwt: Signed JWT rejected: Invalid signature",
            ],
            "spring-decode",
        ),
        (
            [
                "2026-01-31 this is what the gateway answered: WWW-Authenticate:",
                'Bearer error="invalid_token",',
                "error_description=\"The issuer 'a' is invalid\"",
            ],
            "aspnet-issuer-invalid",
        ),
        (
            [
                "the oauth2-proxy of the cluster answered: audience from claim aud with value",
                "[api://a] does not match with any of allowed audiences map[b:{}]",
            ],
            "oauth2-proxy-audience",
        ),
        (
            [
                "the api server of this cluster answered: Error from server (Forbidden): pods is",
                'forbidden: User "a" cannot list resource "pods" in API group "" in the namespace "b"',
            ],
            "kubernetes-forbidden",
        ),
        (
            ["the token that was sent has invalid claims: token is missing required", "claim: exp claim is required"],
            "golang-jwt-claim",
        ),
    ],
)
def test_an_unfinished_line_goes_on_with_whatever_follows(lines: list[str], entry: str) -> None:
    assert entry in [found.entry.id for found in recognise("\n".join(lines))]


@pytest.mark.parametrize(
    "lines",
    [
        ["x" * 60 + " jwt audience", "   at invalid. expected: api://a"],
        ["jwt audience", "invalid. expected: api://a"],
        ["x" * 60 + " jwt audience.", "invalid. expected: api://a"],
        ["x" * 60 + " jwt audience", "Invalid. expected: api://a"],
        ["x" * 60 + " jwt audience", "invalid: expected: api://a"],
        ["x" * 60 + " jwt audience", "invalid=1 expected: api://a"],
        ["one two three four five six and seven of which jwt audience", "Invalid. expected: api://a"],
        ["one two three four five six and seven of which are: Tried to access", "Error: a page that is protected"],
        ["one two three four five six and seven of which: Tried to access", 'warn: "a page that is protected"'],
    ],
    ids=[
        "a frame",
        "a short line",
        "the end of a sentence",
        "the beginning of one",
        "a level",
        "a name",
        "a sentence",
        "an exception",
        "a level behind words",
    ],
)
def test_lines_that_were_not_wrapped_stay_apart(lines: list[str]) -> None:
    assert [found.entry.id for found in recognise("\n".join(lines), loose=False)] == []


PIECES = [
    "\\",
    '"',
    "'",
    "\\n",
    "\\u0027",
    "\x1b[31m",
    "\x1b",
    "&#39;",
    "&",
    "\n",
    "\r\n",
    "a",
    " ",
    "x" * 60,
    "é",
    "😀",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_every_place_is_known_in_the_original(text: str) -> None:
    made = plain(text)

    assert all(character in text or character in "'\"& " for character in made.text)
    for start in range(len(made.text)):
        origin = made.original(Span(start, start + 1))
        assert 0 <= origin.start < origin.end <= len(text)
        assert made.text[start] in (text[origin.start], "'", '"', "&", " ", "\\")
    assert made.original(Span(0, len(made.text))).end <= len(text)


@pytest.mark.parametrize("bad", ["\\", "\x1b[", "\x1b[0", "\\u00", "&quo", "a\n   ", "x" * 60 + "\na", "\\\\n"])
def test_it_takes_linear_time(bad: str) -> None:
    started = time.process_time()
    plain(bad * 100_000)

    assert time.process_time() - started < 5
