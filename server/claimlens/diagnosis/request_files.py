"""Read the files in which tools keep requests, and what was answered, as the plain text of HTTP messages.

Read are HTTP archives of browsers and proxies (HAR 1.2), collections of Postman (2.0, 2.1) and Insomnia (version 4),
requests of Bruno (``.bru``) and test plans of JMeter. Of an archive in which something was refused only that is told,
and where tokens came from: what went well explains nothing.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlencode

import attrs

from claimlens.diagnosis.stored_json import Placed, Stored, stored
from claimlens.rules.request_variables import filled

MAXIMUM_BODY = 100_000
"""Characters of a body that are read."""


Exchange = Sequence[Placed]
"""The lines of a request, of its answer, or of both, each with the place of what it tells."""


def exchanges_in(name: str, text: str, shared: Mapping[str, str]) -> tuple[Exchange, ...]:
    """Return the exchanges that a file keeps; none where it is of no such kind. Never fails.

    Args:
        name: the file's name.
        text: its content.
        shared: variables that other files set.
    """
    if name.lower().endswith(".bru"):
        return tuple(_bruno(text, shared))
    beginning = text[:4_000].lstrip("\ufeff \t\r\n")
    if beginning.startswith("<") and "<jmeterTestPlan" in beginning:
        return tuple(_jmeter(text))
    if not beginning.startswith("{"):
        return ()
    if '"entries"' in text and '"request"' in text and re.match(r'\{\s*"log"\s*:', beginning):
        return tuple(_archive(stored(text)))
    if ".postman.com/" in text or ".getpostman.com/" in text:
        return tuple(_postman(stored(text), shared))
    return tuple(_insomnia(stored(text), shared)) if '"__export_format"' in text else ()


# Messages


_AROUND_A_NAME = re.compile(r"(?<=\{\{) +| +(?=\}\})")


def _request(method: str, url: Placed, headers: Sequence[Placed], body: Placed | None) -> Iterator[Placed]:
    if re.fullmatch(r"[\w.-]+(?::\d+)?(?:/\S*)?", url.text):
        url = attrs.evolve(url, text=f"https://{url.text}")
    address = _AROUND_A_NAME.sub("", _in_one_line(url.text)).replace(" ", "%20")
    method = (method or "GET").upper()
    yield Placed(f"{method} {address} HTTP/1.1", url.offset, len(method) + 1)
    yield from _rest(headers, body)


def _response(status: Placed, reason: str, headers: Sequence[Placed], body: Placed | None) -> Iterator[Placed]:
    yield Placed(_in_one_line(f"HTTP/1.1 {status.text} {reason}"), status.offset)
    yield from _rest(headers, body)


def _rest(headers: Sequence[Placed], body: Placed | None) -> Iterator[Placed]:
    yield from headers
    last = headers[-1] if headers else Placed()
    yield Placed("", last.offset, last.before - len(last.text))
    if body is not None:
        yield from (Placed(line, body.offset) for line in body.text[:MAXIMUM_BODY].splitlines())
        yield Placed("", body.offset)


def _header(name: str, value: Placed) -> Placed:
    return Placed(_in_one_line(f"{name}: {value.text}"), value.offset, len(name) + 2 + value.before)


def _in_one_line(text: str) -> str:
    return re.sub(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+", " ", text)


def _pairs(node: Stored, name: str) -> list[tuple[str, Placed]]:
    """Return the pairs of a list that are switched on: headers, fields of a form, parameters of an authorization."""
    return [
        (item[name].text, item["value"].placed)
        for item in node.items
        if item["disabled"].text != "true" and item["enabled"].text != "false"
    ]


def _headers(node: Stored, name: str) -> list[Placed]:
    return [_header(field, value) for field, value in _pairs(node, name) if field and not field.startswith(":")]


def _form(pairs: Sequence[tuple[str, Placed]]) -> Placed | None:
    return Placed(urlencode([(name, value.text) for name, value in pairs]), pairs[0][1].offset) if pairs else None


# HTTP archives

_TEXTS = re.compile(r"json|xml|text/(?:html|plain)|form-urlencoded", re.IGNORECASE)
"""Types of bodies that are read: scripts hold every message that they could ever show."""
_TOKEN_ENDPOINT = re.compile(r"/oauth2/|/(?:connect|oauth)/(?:token|authorize)\b|/(?:token|authorize)(?:\?|$)")


def _archive(archive: Stored) -> Iterator[Exchange]:
    entries = archive["log"]["entries"].items
    refused = any(entry["response"]["status"].text in ("401", "403") for entry in entries)
    for entry in entries:
        asked, answered = entry["request"], entry["response"]
        status = answered["status"]
        if refused and not (status.text >= "400" or _TOKEN_ENDPOINT.search(asked["url"].text)):
            continue
        headers = _headers(asked["headers"], "name")
        lines = [*_request(asked["method"].text, asked["url"].placed, headers, _posted(asked))]
        if status.text not in ("", "0"):
            headers = _headers(answered["headers"], "name")
            lines += _response(status.placed, answered["statusText"].text, headers, _content(answered["content"]))
        yield lines


def _posted(request: Stored) -> Placed | None:
    data = request["postData"]
    return data["text"].placed if data["text"].text else _form(_pairs(data["params"], "name"))


def _content(content: Stored) -> Placed | None:
    body = content["text"]
    kind = content["mimeType"].text
    if kind and not _TEXTS.search(kind):
        return None
    if content["encoding"].text != "base64":
        return body.placed
    try:
        return Placed(base64.b64decode(body.text[: 2 * MAXIMUM_BODY]).decode("utf-8", "replace"), body.placed.offset)
    except (binascii.Error, ValueError):
        return None


# Postman


def _postman(collection: Stored, shared: Mapping[str, str]) -> Iterator[Exchange]:
    variables = dict(shared) | {name: value.text for name, value in _pairs(collection["variable"], "key")}
    waiting = [(item, collection["auth"]) for item in collection["item"].items[::-1]]
    while waiting:
        item, inherited = waiting.pop()
        own = item["auth"]
        auth = own if own["type"].text else inherited
        waiting += [(inner, auth) for inner in item["item"].items[::-1]]
        asked = item["request"]
        if not (asked.text or asked.members):
            continue
        lines = [*_postman_request(asked, auth)]
        for answer in item["response"].items:
            code, reason, headers = answer["code"].placed, answer["status"].text, _headers(answer["header"], "key")
            lines += _response(code, reason, headers, answer["body"].placed)
        yield _with_values(lines, variables)


def _postman_request(asked: Stored, inherited: Stored) -> Iterator[Placed]:
    url = asked["url"]["raw"] if asked["url"].text == "" else asked["url"]
    own = asked["auth"]
    headers = _headers(asked["header"], "key")
    headers += _authorization(_postman_auth(own if own["type"].text else inherited), headers)
    body = asked["body"]
    mode = body["mode"].text
    data = body["raw"].placed if mode == "raw" else _form(_pairs(body[mode], "key")) if mode else None
    return _request(asked["method"].text, (url if url.text else asked).placed, headers, data)


def _postman_auth(auth: Stored) -> Mapping[str, Placed]:
    """Return the parameters of an authorization: a list of pairs in version 2.1, an object in version 2.0."""
    parameters = auth[auth["type"].text]
    listed = {name: value for name, value in _pairs(parameters, "key") if name}
    return listed or {name: parameters[name].placed for name in ("token", "accessToken", "headerPrefix")}


def _authorization(auth: Mapping[str, Placed], headers: Sequence[Placed]) -> Iterator[Placed]:
    token = next((auth[name] for name in ("token", "accessToken") if name in auth and auth[name].text), None)
    if token is None or any(line.text.lower().startswith("authorization:") for line in headers):
        return
    prefix = auth["headerPrefix"].text.strip() if "headerPrefix" in auth else ""
    scheme = prefix or "Bearer"
    yield _header("Authorization", attrs.evolve(token, text=f"{scheme} {token.text}", before=len(scheme) + 1))


def _with_values(lines: Iterable[Placed], values: Mapping[str, str]) -> Exchange:
    return [attrs.evolve(line, text=filled(line.text, values)) for line in lines]


# Insomnia


def _insomnia(export: Stored, shared: Mapping[str, str]) -> Iterator[Exchange]:
    resources = export["resources"].items
    values = dict(shared) | {
        name: value.text
        for resource in resources
        if resource["_type"].text == "environment"
        for name, value in resource["data"].members.items()
    }
    for asked in (resource for resource in resources if resource["_type"].text == "request"):
        headers = _headers(asked["headers"], "name")
        auth = asked["authentication"]
        if auth["disabled"].text != "true":
            told = {"token": auth["token"], "accessToken": auth["accessToken"], "headerPrefix": auth["prefix"]}
            headers += _authorization({name: value.placed for name, value in told.items()}, headers)
        body = asked["body"]
        data = body["text"].placed if body["text"].text else _form(_pairs(body["params"], "name"))
        yield _with_values(_request(asked["method"].text, asked["url"].placed, headers, data), values)


# Bruno

_BLOCK = re.compile(r"^(?P<name>[a-z][\w:-]*)[ \t]*\{[ \t]*\r?\n(?P<body>.*?)^\}", re.MULTILINE | re.DOTALL)
_MEMBER = re.compile(r"^[ \t]*(?P<name>[^\s:~#][^\n:]*?)[ \t]*:[ \t]*(?P<value>[^\r\n]*)", re.MULTILINE)
_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})


def _bruno(text: str, shared: Mapping[str, str]) -> Iterator[Exchange]:
    blocks = {found["name"]: found for found in _BLOCK.finditer(text)}
    method = next((name for name in blocks if name in _METHODS), None)
    if method is None:
        return
    members = {name: [*_members(found)] for name, found in blocks.items()}
    url = next((value for name, value in members[method] if name == "url"), None)
    if url is None:
        return
    headers = [_header(name, value) for name, value in members.get("headers", ())]
    headers += _authorization(dict(members.get("auth:bearer", ())), headers)
    values = dict(shared) | {name: value.text for name, value in members.get("vars:pre-request", ())}
    yield _with_values(_request(method, url, headers, _bruno_body(blocks, members)), values)


def _members(block: re.Match[str]) -> Iterator[tuple[str, Placed]]:
    for found in _MEMBER.finditer(block.string, block.start("body"), block.end("body")):
        yield found["name"], Placed(found["value"].strip(), found.start("value"))


def _bruno_body(
    blocks: Mapping[str, re.Match[str]], members: Mapping[str, Sequence[tuple[str, Placed]]]
) -> Placed | None:
    fields = members.get("body:form-urlencoded")
    if fields:
        return Placed(urlencode([(name, value.text) for name, value in fields]), fields[0][1].offset)
    body = next((found for name, found in blocks.items() if name.startswith("body")), None)
    return Placed(body["body"], body.start("body")) if body else None


# JMeter

_SAMPLER = re.compile(r"<HTTPSamplerProxy\b")
_PROPERTY = re.compile(
    r"<stringProp name=\"(?P<of>HTTPSampler|Header)\.(?P<name>domain|protocol|port|path|method|name|value)\">"
    r"(?P<value>[^<]*)</stringProp>"
)
_REFERENCES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}


def _jmeter(text: str) -> Iterator[Exchange]:
    """Yield each request with the headers that follow it, and with those before the first, which hold for all."""
    starts = [found.start() for found in _SAMPLER.finditer(text)]
    common = _jmeter_headers(text, 0, starts[0] if starts else 0)
    for start, end in itertools.pairwise([*starts, len(text)]):
        of = {
            found["name"]: Placed(_unescaped(found["value"]), found.start("value"))
            for found in _PROPERTY.finditer(text, start, end)
            if found["of"] == "HTTPSampler"
        }
        domain = of.get("domain")
        if domain is None:
            continue
        parts = {name: of[name].text if name in of else "" for name in ("protocol", "port", "path", "method")}
        port = f":{parts['port']}" if parts["port"] else ""
        url = f"{parts['protocol'] or 'https'}://{domain.text}{port}/{parts['path'].lstrip('/')}"
        headers = [*common, *_jmeter_headers(text, start, end)]
        yield [*_request(parts["method"], attrs.evolve(domain, text=url), headers, None)]


def _jmeter_headers(text: str, start: int, end: int) -> list[Placed]:
    told, name = [], ""
    for found in _PROPERTY.finditer(text, start, end):
        if found["of"] == "Header" and found["name"] == "name":
            name = _unescaped(found["value"])
        elif found["of"] == "Header" and name:
            told.append(_header(name, Placed(_unescaped(found["value"]), found.start("value"))))
    return told


def _unescaped(value: str) -> str:
    return re.sub("|".join(_REFERENCES), lambda found: _REFERENCES[found[0]], value)
