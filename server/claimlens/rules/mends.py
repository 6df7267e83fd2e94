"""The changes to the file that refuses a token which would make it accept the token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from claimlens.expectations.matching import Aspect, Mismatch
from claimlens.expectations.model import SourceKind
from claimlens.rules.model import Edit, Fix
from claimlens.rules.tokens.wording import quoted
from claimlens.text.spans import Span

_WELL_KNOWN = "/.well-known/openid-configuration"
_UNSAFE = frozenset("\"'<>&\\\r\n`$@{}")
"""Characters of a claim that could begin something else in the file it is written into."""


def mends(found: Mismatch, claims: Mapping[str, Any]) -> Iterator[Fix]:
    """Yield the fixes of a mismatch."""
    if found.cause == "config-whitespace":
        yield from _without_blanks(found)
    elif found.aspect is Aspect.AUDIENCE and found.cause == "audience-guid-vs-app-id-uri":
        yield from _accept_too(found, claims.get("aud"))
    elif found.aspect is Aspect.CLIENT:
        yield from _accept_client(found, claims.get("azp", claims.get("appid")))
    elif found.aspect is Aspect.ISSUER and found.cause == "issuer-v1-vs-v2":
        yield from _other_version(found)


def _without_blanks(found: Mismatch) -> Iterator[Fix]:
    stated = found.stated[0]
    if stated.has_stray_blank and len(stated.value) == len(stated.span):
        edit = Edit(stated.span, stated.value.strip())
        yield Fix(f"Remove the blanks around {stated.label}", (edit,), preferred=True, path=found.path_of(stated))


def _accept_too(found: Mismatch, audience: Any) -> Iterator[Fix]:
    """Add the audience to the list there is or make one, or put it in the place of the only one there can be."""
    if not isinstance(audience, str) or _UNSAFE.intersection(audience):
        return
    section, accepted = found.expectation, found.expectation.of("audience")
    listed = [stated for stated in accepted if stated.joint is not None]
    path = section.path
    if listed:
        end, path = listed[-1].span.end, found.path_of(listed[-1])
        edit, how = Edit(Span(end, end), f"{listed[-1].joint}{audience}"), "too"
    elif section.room is not None:
        edit, how = Edit(section.room.span, f"{section.room.before}{audience}{section.room.after}"), "too"
    elif len(accepted) == 1 and len(accepted[0].value) == len(accepted[0].span):
        edit, how, path = Edit(accepted[0].span, audience), "instead", found.path_of(accepted[0])
    else:
        return
    yield Fix(f"Accept the audience {quoted(audience)} {how}", (edit,), path=path)


def _accept_client(found: Mismatch, client: Any) -> Iterator[Fix]:
    """Add the application to those that may call."""
    listed = [stated for stated in found.stated if stated.joint is not None]
    if listed and isinstance(client, str) and not _UNSAFE.intersection(client):
        end = listed[-1].span.end
        edit = Edit(Span(end, end), f"{listed[-1].joint}{client}")
        yield Fix(f"Let the application {quoted(client)} call", (edit,), path=found.path_of(listed[-1]))


def _other_version(found: Mismatch) -> Iterator[Fix]:
    """Let the file read the metadata of the other token version, where nothing but it says which issuer is accepted."""
    section = found.expectation
    sources = section.of("metadata", "authority")
    if len(sources) != 1 or section.of("issuer") or section.kind is SourceKind.IDENTITY_WEB:
        return
    (stated,) = sources
    base, well_known, rest = stated.value.partition(_WELL_KNOWN)
    if rest or len(stated.value) != len(stated.span):
        return
    is_v2 = base.rstrip("/").endswith("/v2.0")
    base = base.rstrip("/").removesuffix("/v2.0") + ("" if is_v2 else "/v2.0")
    title = f"Read the metadata of version {'1.0' if is_v2 else '2.0'}"
    yield Fix(title, (Edit(stated.span, f"{base}{well_known}"),), path=found.path_of(stated))
