"""One token that was given as such, where `scan` looks for tokens in a text."""

from __future__ import annotations

from claimlens.jose.model import Token, TokenForm
from claimlens.jose.scan import scan
from claimlens.text.spans import Span


def decode(compact: str) -> Token:
    """Return one compact serialization (blanks around it allowed) as a token; never raises.

    What is no token at all still comes back as one, whose ``defects`` say why. Of an SD-JWT with its disclosures the
    issuer's token comes back; a key binding JWT behind it is a token of its own (`scan` finds it).
    """
    start = len(compact) - len(compact.lstrip())
    whole = Span(start, max(start, len(compact.rstrip())))
    found = scan(compact)
    if found and found[0].span.start == start:
        rest = compact[found[0].span.end : whole.end]
        if not rest or rest.startswith("~"):
            return found[0]
    text = whole.slice(compact)
    dots = text.count(".")
    form = TokenForm.JWE if dots == 4 else TokenForm.JWS if dots >= 2 else TokenForm.TRUNCATED
    return Token(form, whole, text)
