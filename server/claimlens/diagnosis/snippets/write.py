"""Fills a template with the values of a token."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import attrs

from claimlens.diagnosis.snippets.literals import LITERALS
from claimlens.diagnosis.snippets.targets import Target, targets, template
from claimlens.diagnosis.snippets.values import Values, values_of
from claimlens.entra import metadata_location
from claimlens.jose.model import Token, TokenForm

if TYPE_CHECKING:
    from jinja2 import Environment


@attrs.frozen
class Snippet:
    """Code or commands for a token.

    Attributes:
        target: what it is for.
        text: the snippet, ending in a line break; empty where ``refusal`` says why there is none.
        refusal: why there is none, in a sentence without token text.
    """

    target: Target
    text: str = attrs.field(default="", repr=False)
    refusal: str = ""


def write(token: Token, target: str, now: datetime) -> Snippet:
    """Return the snippet for a target of `targets` with the values of ``token`` filled in."""
    chosen = targets()[target]
    values = values_of(token, now)
    reason = refusal(token, chosen, values)
    if reason:
        return Snippet(chosen, refusal=reason)
    filled = _environment(chosen.language).get_template(target).render(v=values)
    return Snippet(chosen, filled.strip("\n") + "\n")


def refusal(token: Token, target: Target, values: Values) -> str:
    """Return why there is no such snippet for this token, or an empty text."""
    if token.payload is None:
        return "The claims of the token cannot be read."
    if target.group == "validate":
        return _cannot_validate(token, target, values)
    if target.group == "obtain":
        return _cannot_obtain(target, values)
    return ""


def _cannot_validate(token: Token, target: Target, values: Values) -> str:
    if token.form is TokenForm.JWE:
        return "The token is encrypted: whoever validates it needs the key to decrypt it first."
    location = metadata_location(values.issuer, token.payload, token.header)
    if not values.metadata_url or not location.verifiable_by_third_parties:
        return location.reason or "Nobody publishes keys for this issuer."
    if not values.audiences:
        return "The token names no audience, so nothing can be demanded of it."
    if target.name == "apim-validate-azure-ad-token" and values.family != "entra":
        return "validate-azure-ad-token takes tokens of Microsoft Entra ID alone; use validate-jwt."
    return ""


def _cannot_obtain(target: Target, values: Values) -> str:
    if not values.resource:
        return "The token names no audience to ask another one for."
    if target.name in ("az", "powershell") and values.family != "entra":
        return f"{target.title} gets tokens of Microsoft Entra ID alone; use curl or .http."
    if not values.metadata_url:
        return "The token's issuer is not known, nor where it issues tokens."
    return ""


@functools.cache
def _environment(language: str) -> Environment:
    """Return what renders the templates of a language: whatever they print is made a literal of it."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(template),
        undefined=StrictUndefined,
        finalize=_finalize(LITERALS[language]),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - no HTML is made; every value goes through `finalize`
    )


def _finalize(literal: Callable[[str], str]) -> Callable[[Any], str]:
    def made(value: Any) -> str:
        return literal(value if isinstance(value, str) else str(value))

    return made
