"""GUIDs as Microsoft writes them in tokens."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from typing import Any

_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_UNIQUE_TOKEN_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{22}")


def as_guid(value: Any) -> str | None:
    """Return ``value`` in lower case if it is a GUID in its usual form (no braces), else None."""
    return value.lower() if isinstance(value, str) and len(value) == 36 and _GUID.fullmatch(value) else None


def request_id(unique_token_identifier: Any) -> str | None:
    """Return the request id in Entra's sign-in log that a ``uti`` claim stands for, or None.

    The claim is the base64url of the sixteen bytes of a .NET ``Guid``, whose first three groups are little-endian.

    >>> request_id("AQAAAAAAAAAAAAAAAAAAAA")
    '00000001-0000-0000-0000-000000000000'
    """
    if not isinstance(unique_token_identifier, str) or not _UNIQUE_TOKEN_IDENTIFIER.fullmatch(unique_token_identifier):
        return None
    try:
        return str(uuid.UUID(bytes_le=base64.urlsafe_b64decode(unique_token_identifier + "==")))
    except (binascii.Error, ValueError):
        return None
