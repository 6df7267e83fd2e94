"""Takes the secret out of tokens and leaves what people need to talk about them: their kind and their length."""

from __future__ import annotations

from collections.abc import Iterable

from claimlens.jose.model import SegmentRole, Token, TokenForm


def placeholder(token: Token, keep_claims: bool = False) -> str:
    """Return what stands for the token."""
    if keep_claims and (signature := token.segment(SegmentRole.SIGNATURE)) is not None:
        return token.text[: len(token.text) - len(signature.text)] + "x" * len(signature.text)
    return token.masked()


def redact(text: str, tokens: Iterable[Token], keep_claims: bool = False) -> str:
    """Return ``text`` with every one of its ``tokens`` replaced by its placeholder."""
    pieces = []
    position = 0
    for token in tokens:
        if token.form is TokenForm.DECODED:
            continue
        pieces += [text[position : token.span.start], placeholder(token, keep_claims)]
        position = token.span.end
    return "".join([*pieces, text[position:]])
