"""How rules about policies speak of what they found: inert and short."""

from __future__ import annotations

from collections.abc import Iterable

from claimlens.rules.tokens.wording import quoted


def one_of(names: Iterable[str], most: int = 8) -> str:
    """Return names as ``a, b or c``.

    >>> one_of(["inbound", "outbound", "on-error"])
    'inbound, outbound or on-error'
    """
    shown = list(names)
    if len(shown) > most:
        return f"{', '.join(shown[:most])} …"
    return f"{', '.join(shown[:-1])} or {shown[-1]}" if len(shown) > 1 else "".join(shown)


def tag(name: str) -> str:
    """Return a name as a tag: ``'<base>'``."""
    return quoted(f"<{name}>")
