"""Two tokens side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from claimlens.lsp import messages
from claimlens.lsp.features.custom import token_of

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer


def compare(server: ClaimlensServer, params: messages.CompareParams) -> dict[str, Any] | None:
    """Return the claims of two tokens side by side, and what the differences mean."""
    from claimlens.diagnosis.comparison import compare, markdown

    left, right = token_of(server, params.left), token_of(server, params.right)
    if left is None or right is None:
        return None
    return {"report": markdown(compare(left, right, server.clock()))}
