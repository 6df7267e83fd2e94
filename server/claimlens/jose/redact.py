"""Takes the secret out of tokens and leaves what people need to talk about them: kind, algorithm and length.

A placeholder has exactly the length of its token and its dots in the same places, so that columns, wrapped lines and
the number of parts stay what they were. It is made of base64url characters alone, so that no URL, JSON, YAML or shell
around it breaks. It begins ``REDACTED-JWS-RS256-``, which decodes to nothing: nobody takes it for a token, neither a
server nor a second run over the same file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from claimlens.jose.algorithms import is_registered
from claimlens.jose.model import Segment, SegmentRole, Token, TokenForm
from claimlens.text.spans import Span

_WORD = "REDACTED"
_FILL = "x"
_TYPES = {"jwt": "JWT", "at+jwt": "at-jwt", "dpop+jwt": "dpop-jwt", "logout+jwt": "logout-jwt"}


def placeholder(token: Token, keep_claims: bool = False) -> str:
    """Return what stands for the token, as long as ``token.text`` (a few words for one that is printed decoded).

    With ``keep_claims`` only the signature is replaced; a token that is encrypted, and shows no claims, is replaced
    all the same.
    """
    if token.form is TokenForm.DECODED:
        return f"[redacted: decoded token, {_kind(token)}, {len(token.span)} characters]"
    if keep_claims and token.form in (TokenForm.JWS, TokenForm.TRUNCATED):
        signature = token.segment(SegmentRole.SIGNATURE)
        if signature is None:
            return token.text
        return token.text.removesuffix(signature.text) + _filled(signature.text, _WORD)
    first, *others = token.text.split(".")
    return ".".join([_filled(first, f"{_WORD}-{_kind(token)}-"), *map(_filled, others)])


def redact(text: str, tokens: Iterable[Token], keep_claims: bool = False) -> str:
    """Return ``text`` with every one of its ``tokens`` replaced, wrapped ones piece by piece.

    Redacting the result again changes nothing.
    """
    pieces = []
    position = 0
    for token in tokens:
        for span, replacement in _replacements(token, keep_claims):
            pieces += [text[position : span.start], replacement]
            position = span.end
    return "".join([*pieces, text[position:]])


def _replacements(token: Token, keep_claims: bool) -> Iterator[tuple[Span, str]]:
    if keep_claims and token.form is TokenForm.DECODED:
        return
    new = placeholder(token, keep_claims)
    start = 0
    for piece in token.pieces:
        yield piece, new[start : start + len(piece)]
        start += len(piece)
    if not token.pieces:
        yield token.span, new
    if not keep_claims:
        yield from map(_disclosure, token.disclosures)


def _disclosure(part: Segment) -> tuple[Span, str]:
    return part.span, _filled(part.text)


def _kind(token: Token) -> str:
    """Return the form, algorithm and type, registered names only: others could be anything."""
    words = [token.form.value.upper()] if token.form is not TokenForm.DECODED else []
    algorithm = token.algorithm
    if algorithm is not None and is_registered(algorithm):
        words.append(algorithm.replace("+", "-"))
    typ = str((token.header or {}).get("typ")).lower().removeprefix("application/")
    if typ in _TYPES:
        words.append(_TYPES[typ])
    return "-".join(words) or "unknown algorithm"


def _filled(part: str, word: str = "") -> str:
    """Return ``word`` and filling as long as ``part``; padding stays, as it parts the token from what follows."""
    letters = part.rstrip("=")
    return word[: len(letters)].ljust(len(letters), _FILL) + part[len(letters) :]
