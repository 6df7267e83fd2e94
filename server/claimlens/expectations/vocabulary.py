"""From a key to what it means: ``ValidAudiences``, ``valid_audiences`` and ``valid-audiences`` are one."""

from __future__ import annotations

import functools
import re
import tomllib
from importlib import resources

import attrs


@attrs.frozen
class Term:
    """One role that a value can have, with the keys that give it."""

    role: str
    within: frozenset[str]


def normal(key: str) -> str:
    """Return a key without its separators, in lower case."""
    return re.sub(r"[^a-z0-9]", "", key.lower())


def role_of(path: tuple[str, ...]) -> str | None:
    """Return the role of the value at ``path``, or None; list positions do not count.

    The last words of a key count where the whole does not: ``ORDERS_API_AUDIENCE`` is an audience.
    """
    names = [part for part in path if not part.isdigit()]
    if not names:
        return None
    outer = [normal(name) for name in names[:-1]]
    term = _terms().get(normal(names[-1]))
    if term is None:
        words = _WORDS.findall(names[-1])
        endings = (_terms().get(normal("".join(words[start:]))) for start in range(1, min(len(words), 6)))
        term = next((found for found in endings if found is not None and found.role in _BY_ENDING), None)
    if term is None or (term.within and not any(word in name for name in outer for word in term.within)):
        return None
    return term.role


_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_BY_ENDING = frozenset(
    ("authority", "tenant", "client", "audience", "issuer", "metadata", "keys", "application_uri", "algorithm")
)


_VALUES = (
    (re.compile(r"^https?://[^\s{}<>]+/\.well-known/(?:openid-configuration|oauth-authorization-server)"), "metadata"),
    (re.compile(r"^https?://[^\s{}<>]+/(?:discovery(?:/v2\.0)?/keys|jwks(?:\.json)?|certs)/?$"), "keys"),
    (re.compile(r"^https://sts\.(?:windows\.net|chinacloudapi\.cn)/"), "issuer"),
)


def role_of_value(value: str) -> str | None:
    """Return the role that a value shows by itself, whatever it is called, or None."""
    return next((role for pattern, role in _VALUES if pattern.match(value)), None)


@functools.cache
def _terms() -> dict[str, Term]:
    text = (resources.files("claimlens.expectations") / "vocabulary.toml").read_text(encoding="utf-8")
    terms = {}
    for role, entry in tomllib.loads(text).items():
        for key in entry["keys"]:
            terms[key] = Term(role, frozenset(entry.get("within", ())))
    return terms
