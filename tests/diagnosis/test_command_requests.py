"""What a command or a call of any kind sends is read as the shell that runs it would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.diagnosis.command_requests import curl_requests, other_requests
from claimlens.diagnosis.http_model import HttpRequest

BEARER = "Bearer abc"
CURL = {
    "options glued to their values": "curl -sSXGET -HAuthorization:\\ Bearer\\ abc https://x.example/a",
    "a body over several lines": (
        "curl https://x.example/a -X GET \\\n  -d '{\n  \"a\": 1\n}' \\\n  -H 'Authorization: Bearer abc'\n"
    ),
    "a variable that the script sets": 'T=abc\ncurl -H "Authorization: Bearer $T" "https://x.example/a"\n',
    "an option for the token": "curl --oauth2-bearer abc --location https://x.example/a",
    "the Windows command line": (
        'curl -X GET "https://x.example/a" ^\r\n  -H "Authorization: Bearer abc" ^\r\n  -d "{\\"a\\":1}"\r\n'
    ),
    "as Chrome copies for Windows": (
        'curl ^"https://x.example/a^" ^\n  -X GET -H ^"Authorization: Bearer abc^" ^\n'
        ' --data-raw ^"^{^\\^"a^\\^":1^}^"\n'
    ),
    "PowerShell": "curl.exe https://x.example/a `\n  -H \"Authorization: Bearer abc\" `\n  -H 'Accept: x'\n",
    "as Chrome copies for bash": "curl 'https://x.example/a' -H $'Authorization: Bearer \\u0061bc'",
    "a value that another command gives": "curl https://x.example/a $(cat x | y) -H 'Authorization: Bearer abc'",
}
OTHERS = {
    "in a pipeline": 'steps:\n  - run: curl -sS https://x.example/a -H "Authorization: Bearer abc"\n',
    "caught": "r=$(curl -s -H 'Authorization: Bearer abc' https://x.example/a | jq .)\n",
    "wget": "wget -qO- --header='Authorization: Bearer abc' https://x.example/a\n",
    "HTTPie": "http GET https://x.example/a 'Authorization:Bearer abc' a==b\n",
    "xh": 'xh https://x.example/a Authorization:"Bearer abc"\n',
    "Invoke-RestMethod": (
        '$t = "abc"\n$headers = @{ Accept = "x"; Authorization = "Bearer " + $t }\n'
        "$answer = Invoke-RestMethod -Uri https://x.example/a -Headers $headers\n"
    ),
    "Invoke-WebRequest as browsers copy it": (
        'Invoke-WebRequest -UseBasicParsing -Uri "https://x.example/a" `\n-Headers @{\n"accept"="*/*"\n'
        '  "authorization"="Bearer abc"\n}\n'
    ),
    "at a prompt": "PS C:\\src> irm https://x.example/a -Headers @{Authorization='Bearer abc'}\n",
    "fetch as browsers copy it": (
        'await fetch("https://x.example/a", {\n  "headers": {\n    "authorization": "Bearer abc"\n  }\n});\n'
    ),
    "k6": "const p = { headers: { Authorization: `Bearer abc` } };\nhttp.get('https://x.example/a', p);\n",
}


def sent(request: HttpRequest) -> tuple[str, str, str | None]:
    header = request.header("authorization")
    return request.method, request.url, header.value if header else None


@pytest.mark.parametrize("kind", CURL)
def test_curl_in_every_shell(kind: str) -> None:
    (request,) = curl_requests(CURL[kind])

    assert sent(request) == ("GET", "https://x.example/a", BEARER)
    assert not list(other_requests(CURL[kind]))


@pytest.mark.parametrize("kind", OTHERS)
def test_other_commands_and_calls(kind: str) -> None:
    (request,) = other_requests(OTHERS[kind])

    assert sent(request) == ("GET", "https://x.example/a", BEARER)


def test_a_header_is_where_it_stands() -> None:
    text = 'curl https://x.example/a \\\n  -H "Accept: x" \\\n  -H "Authorization: Bearer abc"\n'
    (request,) = curl_requests(text)
    header = request.header("authorization")

    assert header is not None
    assert header.span.slice(text) == '"Authorization: Bearer abc"'


def test_single_quotes_keep_a_variable_from_being_filled() -> None:
    (request,) = curl_requests("T=abc\ncurl -H 'Authorization: Bearer $T' https://x.example/a\n")

    assert sent(request)[2] == "Bearer $T"


def test_a_form_is_the_body_or_the_query() -> None:
    asked = "curl {}https://x.example/token -d grant_type=client_credentials --data-urlencode 'scope=a b'"
    (posted,), (got,) = curl_requests(asked.format("")), curl_requests(asked.format("-G "))

    assert (posted.method, posted.parameters["scope"]) == ("POST", "a b")
    assert (got.method, got.body, got.parameters["grant_type"]) == ("GET", "", "client_credentials")


@pytest.mark.parametrize(
    "text",
    [
        "Use curl to call it: curl is in every shell.",
        "http://x.example is the address\nhttp 401 is the answer\nHTTP 401 from https://x.example/\n",
        "irm https://x.example/a -Headers $unknown\n",
        "fetch('https://x.example/a', options); fetch('https://x.example/a', {headers: {...known}});",
        "fetch('https://x.example/a', {headers: {Authorization: `Bearer ${token}`}});",
        "fetch('https://x.example/a', {headers: {Authorization: 'Bearer ' + answer.accessToken}});",
        "fetch('https://x.example/a', {headers: {Authorization: header}});",
    ],
)
def test_what_is_no_call_or_sends_what_nobody_knows_is_no_request(text: str) -> None:
    assert not [*curl_requests(text), *other_requests(text)]


PIECES = [
    "curl ",
    "'",
    '"',
    "^",
    "`",
    "\\",
    "\n",
    "$(",
    "$a",
    "a=b",
    "irm ",
    "@{",
    "}",
    "fetch('https://x",
    "', {",
    "-H",
    "https://x.example ",
]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_nothing_that_is_pasted_raises(text: str) -> None:
    for request in (*curl_requests(text), *other_requests(text)):
        assert 0 <= request.span.start <= request.span.end <= len(text)
