"""Read the claims of a token where a log, a debugger or a table lists them one by one.

Read are ``name: value`` and its like (``=``, ``=>``, a column of a table), the notations of Python, JavaScript, Java,
Go and PHP, and lists of ``typ`` and ``val`` as App Service and .NET write them. Long names of claims count as their
short ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from claimlens.entra.errors import decode_client_principal, short_claim_name
from claimlens.jose import Segment, SegmentRole, Token, TokenForm
from claimlens.text.spans import Span

MAXIMUM_GAP = 600
"""Characters that may stand between two claims of one listing."""
MAXIMUM_CLAIMS = 400
LEAST_CLAIMS = 3
"""Different claims that make a listing; words like ``aud`` stand alone in many a message."""

_TELLING = frozenset({"aud", "iss", "tid", "oid"})
"""One of these is part of it, or the words are about something else."""

_NAMES = (
    "acr|amr|appid|appidacr|aud|auth_time|azp|azpacr|email|exp|family_name|given_name|groups|hasgroups|iat|idp|idtyp|ipaddr"
    "|_claim_names|_claim_sources|iss|jti|name|nbf|nonce|oid|preferred_username|rh|roles|scp|sub|tfp|tid|unique_name|upn|uti|ver|wids|xms_\\w{1,20}"
)
_BARE = r"[^\s,;|{}\[\]\"']{1,500}(?: (?!\w{1,40}[:=](?!//))[^\s,;|{}\[\]\"']{1,200}){0,40}"
_OBJECT = r"\{[^{}\n]{0,2000}(?:\{[^{}\n]{0,2000}\}[^{}\n]{0,2000})?\}"
_LISTED = re.compile(
    rf"(?<![\w/.$@-])[\"'`\[]{{0,2}}(?P<name>(?:{_NAMES})(?!\w)|https?://schemas\.[\w./-]{{10,120}})[\"'`\]]{{0,2}}"
    r"(?:[ \t]{0,40}(?:=>|->|[:=|])[ \t|]{0,40}|[ \t]{2,40}|\t)"
    rf"(?P<value>\"[^\"\n]{{0,2000}}\"|'[^'\n]{{0,2000}}'|\[[^\[\]]{{0,4000}}\]|{_OBJECT}|{_BARE})"
)
_TYPED = re.compile(
    r"\"(?:typ|type|claimType)\"\s{0,20}:\s{0,20}\"(?P<name>[^\"\n]{2,120})\"\s{0,20},\s{0,20}"
    r"\"(?:val|value|claimValue)\"\s{0,20}:\s{0,20}(?P<value>\"[^\"\n]{0,2000}\")",
    re.IGNORECASE,
)
_PRINCIPAL = re.compile(
    r"x-ms-client-principal[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?P<value>[A-Za-z0-9+/_-]{40,100000}={0,2})", re.IGNORECASE
)
"""The caller as App Service hands it to the application: claims in base64, and no token."""
_ITEM = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|([^\s,\"']+)")
_QUOTES = "\"'`"
_NOTHING = frozenset({"Array", "None", "null", "undefined", "nil", ""})
"""What stands for a value that is left out or told elsewhere."""
_TIMES = frozenset({"exp", "iat", "nbf", "auth_time"})
_OBJECTS = frozenset({"_claim_names", "_claim_sources"})
_LISTS = frozenset({"roles", "groups", "wids", "amr"})


def listed_claims(text: str) -> Token | None:
    """Return the claims that ``text`` lists first, as a token printed decoded; None where it lists none."""
    for found in _PRINCIPAL.finditer(text):
        principal = decode_client_principal(found["value"])
        if principal is not None and not _TELLING.isdisjoint(principal.claims):
            told = {
                name: list(values) if name in _LISTS or len(values) > 1 else values[0]
                for name, values in principal.claims.items()
            }
            place = Span(*found.span("value"))
            return Token(TokenForm.DECODED, place, "", printed=(Segment(SegmentRole.PAYLOAD, place, json.dumps(told)),))
    for pattern in (_TYPED, _LISTED):
        for places in _runs(pattern, text):
            claims = _claims(places)
            if len(claims) >= LEAST_CLAIMS and not _TELLING.isdisjoint(claims):
                place = Span(places[0].start(), places[-1].end())
                payload = Segment(SegmentRole.PAYLOAD, place, json.dumps(claims))
                return Token(TokenForm.DECODED, place, "", printed=(payload,))
    return None


def _runs(pattern: re.Pattern[str], text: str) -> Iterator[list[re.Match[str]]]:
    """Yield the matches that stand near each other."""
    run: list[re.Match[str]] = []
    for found in pattern.finditer(text):
        if run and (found.start() - run[-1].end() > MAXIMUM_GAP or len(run) >= MAXIMUM_CLAIMS):
            yield run
            run = []
        run.append(found)
    if run:
        yield run


def _claims(places: list[re.Match[str]]) -> dict[str, object]:
    """Return the claims by their short names; what is told again belongs to a list, or to another token."""
    claims: dict[str, object] = {}
    for place in places:
        name = short_claim_name(place["name"])
        items = [quoted or single or bare for quoted, single, bare in _ITEM.findall(place["value"].strip("[]"))]
        if place["value"][0] != "[":
            items = [place["value"].strip(_QUOTES)]
        if items == [] or items[0] in _NOTHING:
            continue
        known = claims.get(name)
        if name in _OBJECTS:
            claims.setdefault(name, _object(place["value"]))
        elif name in _TIMES:
            moment = re.search(r"(?<!\d)\d{10}(?!\d)", place["value"])
            if moment is not None:
                claims.setdefault(name, int(moment[0]))
        elif name in _LISTS:
            claims[name] = [*(known if isinstance(known, list) else ()), *items]
        else:
            claims.setdefault(name, items[0] if len(items) == 1 else items)
    return claims


def _object(text: str) -> dict[str, object]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
