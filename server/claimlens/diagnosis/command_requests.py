"""Read the requests that commands make: curl, wget, HTTPie, Invoke-RestMethod, and ``fetch`` as browsers copy it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping

from claimlens.diagnosis.http_model import Header, HttpRequest
from claimlens.diagnosis.shell_words import Word, expanded, variables, words
from claimlens.diagnosis.stored_json import stored
from claimlens.jose.json_extent import extent
from claimlens.text.spans import Span, hull

MAXIMUM_COMMANDS = 200

_CURL = re.compile(r"^[$>% \t]*(?P<command>curl(?:\.exe)?)(?=[ \t])", re.MULTILINE)
_OTHER = re.compile(
    r"(?:^|[|;&(]|\brun:|\bscript:)[ \t]*(?:[-$>%][ \t]+|(?:PS )?[A-Z]:\\[^>\n]{0,200}>[ \t]*)?(?:\$?\w+[ \t]*=[ \t]*)?"
    r"(?P<command>curl(?:\.exe)?|wget|https?|xhs?|Invoke-(?:RestMethod|WebRequest)|irm|iwr)(?=[ \t])",
    re.MULTILINE | re.IGNORECASE,
)
_FETCH = re.compile(
    r"\b(?:fetch|http\.(?P<method>get|post|put|patch|del))\(\s*[\"'`](?P<url>https?://[^\"'`\s]+)[\"'`]"
)
_METHOD = re.compile(r"GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS")
_ADDRESS = re.compile(r"https?://|[\w-]+(?:\.[\w-]+)*(?::\d+)?(?:/|$)")


def curl_requests(text: str) -> Iterator[HttpRequest]:
    """Yield the requests of the curl commands that begin a line: of bash, Windows, PowerShell."""
    for found, read in _commands(_CURL, text):
        request = _curl_request(read, Span(found.start("command"), read[-1].span.end))
        if request is not None:
            yield request


def other_requests(text: str) -> Iterator[HttpRequest]:
    """Yield the requests of other commands, and of calls of ``fetch``; scripts and source code hold them."""
    for found, read in _commands(_OTHER, text):
        name, span = found["command"].lower(), Span(found.start("command"), read[-1].span.end)
        if _CURL.match(text, text.rfind("\n", 0, span.start) + 1):
            continue
        if name == "wget" or name.startswith("curl"):
            request = _curl_request(read, span)
        elif name[0] in "hx":
            request = _httpie_request(read, span)
        else:
            request = _powershell_request(text, read, span)
        if request is not None:
            yield request
    yield from itertools.islice(_fetches(text), MAXIMUM_COMMANDS)


def _commands(pattern: re.Pattern[str], text: str) -> Iterator[tuple[re.Match[str], list[Word]]]:
    values: dict[str, str] | None = None
    reached = 0
    for found in itertools.islice(pattern.finditer(text), MAXIMUM_COMMANDS):
        if found.start("command") < reached:
            continue
        if values is None:
            values = variables(text)
        read = words(text, found.start("command"), values)
        if len(read) > 1:
            reached = read[-1].span.end
            yield found, read


# curl and wget

_TAKING = frozenset("AbcCdDeEFhHKmoPQrTtuUwxXyYz")
"""Short options of curl that take a value, which may stand right behind the letter (curl's manual page)."""
_LONG_TAKING = re.compile(
    r"ca-certificate|cacert|cert|ciphers|config|connect-(?:timeout|to)|cookie(?:-jar)?|interface|key|max-(?:redirs|time)"
    r"|output|proxy(?:-user)?|referer|resolve|retry(?:-delay)?|timeout|tries|user(?:-agent)?|write-out"
    r"|url|request|method|header|oauth2-bearer"
)
_BODIES = re.compile(r"data(?:-ascii|-binary|-raw|-urlencode)?|form|json|(?:post|body)-data")
_MEANINGS = {"X": "request", "H": "header", "d": "data", "F": "form", "G": "get", "I": "head"}


def _curl_request(read: list[Word], span: Span) -> HttpRequest | None:
    method, url, body, in_query = "", "", list[str](), False
    headers: list[Header] = []
    for name, value in _options(read):
        if name == "":
            url = url or value.text
        elif name == "url":
            url = value.text
        elif name in ("request", "method"):
            method = value.text
        elif name == "header":
            headers.append(_header(value))
        elif name == "oauth2-bearer":
            headers.append(Header("authorization", f"Bearer {value.text}", value.span))
        elif _BODIES.fullmatch(name):
            body.append(value.text)
        in_query = in_query or name == "get"
        method = method or ("HEAD" if name == "head" else "")
    if not _ADDRESS.match(url) and "{" not in url and "$" not in url:
        return None
    data = "&".join(body)
    if in_query and data:
        url, data = f"{url}{'&' if '?' in url else '?'}{data}", ""
    return HttpRequest((method or ("POST" if data else "GET")).upper(), _absolute(url), tuple(headers), data, span)


def _options(read: list[Word]) -> Iterator[tuple[str, Word]]:
    """Yield each option by its long name with its value, and each address with an empty name."""
    remaining = iter(read[1:])
    for word in remaining:
        if word.text.startswith("--"):
            name, is_attached, value = word.text[2:].partition("=")
            takes = _LONG_TAKING.fullmatch(name) or _BODIES.fullmatch(name)
            if is_attached:
                yield name, Word(value, word.span)
            else:
                yield name, next(remaining, word) if takes else word
        elif word.text.startswith("-") and len(word.text) > 1:
            letter = next((index for index, each in enumerate(word.text[1:], 1) if each in _TAKING), None)
            for flag in word.text[1:letter]:
                yield _MEANINGS.get(flag, flag), word
            if letter is not None:
                behind = Word(word.text[letter + 1 :], word.span)
                yield (
                    _MEANINGS.get(word.text[letter], word.text[letter]),
                    behind if behind.text else next(remaining, word),
                )
        else:
            yield "", word


def _header(word: Word) -> Header:
    name, _, value = word.text.partition(":")
    return Header(name.strip().lower(), value.removeprefix(" "), word.span)


def _absolute(url: str) -> str:
    return url if "://" in url or url.startswith(("{", "$", "/")) else f"http://{url}"


# HTTPie and xh

_ITEM = re.compile(r"(?P<name>[A-Za-z][\w-]*)(?P<kind>:=@?|==|=@?|:)(?P<value>.*)", re.DOTALL)


def _httpie_request(read: list[Word], span: Span) -> HttpRequest | None:
    rest = [word for word in read[1:] if not word.text.startswith("-")]
    method = rest.pop(0).text if rest and _METHOD.fullmatch(rest[0].text) else ""
    if not rest or not _ADDRESS.match(rest[0].text) or ("." not in rest[0].text and ":" not in rest[0].text):
        return None
    items = [(found, word) for word in rest[1:] if (found := _ITEM.fullmatch(word.text))]
    headers = [
        Header(found["name"].lower(), found["value"], word.span) for found, word in items if found["kind"] == ":"
    ]
    body = "&".join(f"{found['name']}={found['value']}" for found, _ in items if found["kind"] == "=")
    return HttpRequest(method or ("POST" if body else "GET"), _absolute(rest[0].text), tuple(headers), body, span)


# PowerShell

_STRING = r"(?:\"(?:`.|\"\"|[^\"`])*\"|'(?:''|[^'])*'|\$(?:env:)?\w+)"
_MEMBER = re.compile(
    rf"[\"']?(?P<name>[A-Za-z][\w-]*)[\"']?\s*=\s*(?P<value>{_STRING}(?:\s*\+\s*{_STRING}){{0,8}})", re.IGNORECASE
)
_PIECE = re.compile(_STRING, re.IGNORECASE)


def _powershell_request(text: str, read: list[Word], span: Span) -> HttpRequest | None:
    method, url, table = "GET", "", None
    remaining = iter(read[1:])
    for word in remaining:
        name = word.text.lower()
        if name == "-method":
            method = next(remaining, word).text
        elif name == "-uri":
            url = next(remaining, word).text
        elif name == "-headers":
            table = next(remaining, word)
        elif name in ("-body", "-contenttype", "-outfile", "-websession", "-useragent"):
            next(remaining, None)
        elif not name.startswith("-") and not url:
            url = word.text
    headers = tuple(_in_table(text, table)) if table is not None else ()
    if not _ADDRESS.match(url) or (table is not None and not headers) or any(word.text[0] == "@" for word in read[1:2]):
        return None
    whole = hull([span, *(header.span for header in headers if header.span.start > span.start)])
    return HttpRequest(method.upper(), _absolute(url), headers, "", whole)


def _in_table(text: str, word: Word) -> Iterator[Header]:
    """Yield the members of ``@{…}``, or of the table that a variable holds."""
    opening = word.span.start
    if text[opening : opening + 1] == "$":
        name = re.escape(text[opening : word.span.end])
        assigned = [found.end() for found in re.finditer(rf"{name}[ \t]*=[ \t]*@\{{", text[:opening], re.IGNORECASE)]
        opening = assigned[-1] - 2 if assigned else len(text)
    end, _ = extent(text, opening + 1, len(text))
    values = variables(text)
    for found in _MEMBER.finditer(text, opening, end):
        pieces = (_string(piece[0], values) for piece in _PIECE.finditer(found["value"]))
        yield Header(found["name"].lower(), "".join(pieces), Span(*found.span("value")))


def _string(written: str, values: Mapping[str, str]) -> str:
    if written[0] == "'":
        return written[1:-1].replace("''", "'")
    if written[0] == '"':
        return expanded(re.sub(r"`(.)|\"(\")", lambda found: found[1] or found[2], written[1:-1]), values)
    return expanded(written, values)


# fetch

_SECOND = re.compile(r"\s*(?:(?P<end>\))|,\s*(?:(?P<options>\{)|(?P<name>\w+)\s*\)))")
_TEMPLATE = re.compile(r"`([^`$\"\\]*)`")
_COMPUTED = re.compile(r"authorization[\"']?\s*:(?!\s*(?:\"[^\"\n]*\"|'[^'\n]*')\s*[,}])", re.IGNORECASE)
"""A header whose value is put together, or kept in a variable, when the code runs."""


def _fetches(text: str) -> Iterator[HttpRequest]:
    """Yield the calls whose headers stand there in full; a spread or a variable among them may hold any."""
    for found in _FETCH.finditer(text):
        second = _SECOND.match(text, found.end())
        if second is None:
            continue
        start = end = second.end()
        if second["options"]:
            start = second.start("options")
        elif second["name"]:
            assigned = re.search(rf"\b{second['name']}\s*=\s*(?=\{{)", text[: found.start()])
            if assigned is None:
                continue
            start = assigned.end()
        written = ""
        if not second["end"]:
            closing, _ = extent(text, start, len(text))
            written = _TEMPLATE.sub(r'"\1"', text[start:closing])
            end = max(end, closing) if second["options"] else end
        if "`" in written or "..." in written or _COMPUTED.search(written):
            continue
        options = stored(written)
        fields = options["headers"]
        if fields.text:
            continue
        headers = tuple(
            Header(name.lower(), value.text, Span(start + value.placed.offset, start + value.placed.offset + 1))
            for name, value in fields.members.items()
        )
        method = options["method"].text or (found["method"] or "get").replace("del", "delete")
        yield HttpRequest(method.upper(), found["url"], headers, options["body"].text, Span(found.start(), end))
