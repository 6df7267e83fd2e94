"""Hosts of identity providers that may be asked for metadata and keys without the user naming them."""

from __future__ import annotations

import functools
import re

from claimlens.entra.data import load

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


def known_provider(host: str) -> bool:
    """Tell whether ``host`` is one that a known identity provider serves metadata or keys from.

    Takes a bare host name: no port, no user, no dot at the end; anything else is not known. Rules match whole labels.

    >>> known_provider("contoso.b2clogin.com"), known_provider("b2clogin.com"), known_provider("evilb2clogin.com")
    (True, False, False)
    """
    if len(host) > 253 or not host.isascii():  # some other characters become ASCII letters in lower case
        return False
    host = host.lower()
    return bool(_HOST.fullmatch(host)) and bool(_known_hosts().fullmatch(host))


@functools.cache
def _known_hosts() -> re.Pattern[str]:
    return re.compile(
        "|".join(_expression(rule) for entry in load("providers")["providers"] for rule in entry["hosts"])
    )


def _expression(rule: str) -> str:
    """Turn a rule into a pattern: ``*`` in front is one label or more, elsewhere it is one label."""
    first, *rest = rule.split(".")
    head = r"(?:[a-z0-9-]+\.)*[a-z0-9-]+" if first == "*" else re.escape(first)
    return r"\.".join([head, *("[a-z0-9-]+" if label == "*" else re.escape(label) for label in rest)])
