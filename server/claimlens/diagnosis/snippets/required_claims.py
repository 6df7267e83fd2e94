"""Makes a policy that checks tokens ask for a scope or a role, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs

from claimlens.apim.model import Element
from claimlens.apim.sources import PolicySource
from claimlens.apim.values import text_of
from claimlens.entra import Profile
from claimlens.expectations.accepted import accepted_audiences
from claimlens.expectations.matching import LAYERS, POLICIES
from claimlens.expectations.model import Expectation, SourceKind
from claimlens.expectations.relations import application_key
from claimlens.rules.apim.edits import add_last, escaped, step
from claimlens.rules.model import Edit

TOKEN_POLICIES = ("validate-jwt", "validate-azure-ad-token")
MOST_VALUES = 10
_PERMISSION_CLAIMS = frozenset(("scp", "scope", "roles"))
_OF_PERMISSIONS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:/")
"""Characters of scopes and roles; one with others is not written into a file."""


@attrs.frozen
class Requirement:
    """A claim that a policy could require, and the values of which a token must have one."""

    claim: str
    values: tuple[str, ...]

    @property
    def title(self) -> str:
        """What requiring it does, in the imperative."""
        kind = "scope" if self.claim == "scp" else "role"
        listed = ", ".join(f"'{value}'" for value in self.values)
        return f"Require the {kind} {listed}" if len(self.values) == 1 else f"Require one of the {kind}s {listed}"


def asks_for_permissions(policy: Element) -> bool:
    """Tell whether a policy requires a scope or a role already, or claims whose names are not known."""
    holder = policy.child("required-claims")
    names = [claim.attribute("name") for claim in (holder.elements if holder is not None else ())]
    return any(name is None or name.raw in _PERMISSION_CLAIMS or not name.raw.isidentifier() for name in names)


def requirements(
    policy: Element, expected: Sequence[Requirement], workspace: Iterable[Expectation], tokens: Iterable[Profile]
) -> Iterator[Requirement]:
    """Yield what a policy could require; nothing for one that asks for permissions already.

    That is what is ``expected``, else what settings for the same API ask for, else what tokens for it carry.
    """
    if policy.name not in TOKEN_POLICIES or asks_for_permissions(policy):
        return
    ours = _audiences(policy)
    for source in (expected, _in_settings(ours, workspace), _in_tokens(ours, tokens)):
        found = [made for each in source if (made := _writable(each)) is not None]
        yield from found
        if found:
            return


def require(source: PolicySource, policy: Element, requirement: Requirement) -> Edit:
    """Return the edit, to the file, that makes a policy require one of the values."""
    document = source.document
    separator = ' separator=" "' if requirement.claim == "scp" else ""
    indent = step(document)
    lines = [
        f'<claim name="{requirement.claim}" match="any"{separator}>',
        *(f"{indent}<value>{escaped(value)}</value>" for value in requirement.values),
        "</claim>",
    ]
    holder = policy.child("required-claims")
    if holder is None:
        lines = ["<required-claims>", *(f"{indent}{line}" for line in lines), "</required-claims>"]
    edit = add_last(document, holder if holder is not None else policy, lines)
    return Edit(source.host_span(edit.span), source.encode(edit.new_text))


def _audiences(policy: Element) -> set[str]:
    holders = (policy.child(name) for name in ("audiences", "backend-application-ids"))
    return {application_key(text_of(item).text) for holder in holders if holder is not None for item in holder.elements}


def _in_settings(ours: set[str], workspace: Iterable[Expectation]) -> Iterator[Requirement]:
    sections = [
        each
        for each in workspace
        if each.kind in (*LAYERS, SourceKind.MANIFEST)
        and each.kind not in POLICIES
        and any(application_key(known.value) in ours for known in accepted_audiences(each))
    ]
    for claim, role in (("scp", "scope"), ("roles", "role")):
        words = [word for each in sections for stated in each.of(role) for word in stated.value.split()]
        yield Requirement(claim, tuple(dict.fromkeys(word.rpartition("/")[2] for word in words)))


def _in_tokens(ours: set[str], tokens: Iterable[Profile]) -> Iterator[Requirement]:
    fitting = [each for each in tokens if any(application_key(audience.value) in ours for audience in each.audiences)]
    for claim, delegated in (("scp", True), ("roles", False)):
        held = (permission for each in fitting for permission in each.permissions)
        values = (each.value for each in held if (each.type == "delegated") is delegated)
        yield Requirement(claim, tuple(dict.fromkeys(values)))


def _writable(requirement: Requirement) -> Requirement | None:
    values = tuple(value for value in requirement.values if value and _OF_PERMISSIONS.issuperset(value))
    return Requirement(requirement.claim, values[:MOST_VALUES]) if values else None
