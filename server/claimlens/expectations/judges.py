"""The sections that judge tokens together, looked up by what they accept: a workspace may have hundreds of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import attrs

from claimlens.entra import application
from claimlens.expectations.accepted import accepted_audiences
from claimlens.expectations.model import Expectation
from claimlens.expectations.relations import AudienceRelation, application_key, relate_audiences

NAMES = ("audience", "client", "application_uri")
"""Roles of what a section may accept as an audience."""


def is_open(section: Expectation, *roles: str) -> bool:
    """Tell whether a value of these roles is filled in elsewhere, so that nobody knows what is accepted."""
    return len(section.of(*roles)) < len(section.all_of(*roles))


@attrs.frozen
class Judges:
    """Sections of which one that accepts a token is enough, in the order in which they are asked."""

    sections: tuple[Expectation, ...]

    @cached_property
    def accept_anything(self) -> bool:
        """Whether one of them names no audience, or one that is filled in elsewhere."""
        return any(not accepted_audiences(each) or is_open(each, *NAMES) for each in self.sections)

    @cached_property
    def list_audiences(self) -> bool:
        """Whether there are any, and each lists its audiences, so that whatever is not listed is refused."""
        return bool(self.sections) and all(each.of("audience") and not is_open(each, *NAMES) for each in self.sections)

    @cached_property
    def are_of_one_api(self) -> bool:
        """Whether they hang together, each with another by an audience that they share but for its form."""
        others = [_keys(known.value for known in accepted_audiences(each)) for each in self.sections]
        reached = others.pop() if others else set()
        while touched := [keys for keys in others if keys & reached]:
            reached.update(*touched)
            others = [keys for keys in others if not keys <= reached]
        return not others

    def of(self, audiences: Sequence[str]) -> list[Expectation]:
        """Return the sections that accept one of these audiences, or another form of it."""
        places = {place for key in _keys(audiences) for place in self._places.get(key, ())}
        found = (self.sections[place] for place in sorted(places))
        return [section for section in found if _is_related(section, audiences)]

    @cached_property
    def _places(self) -> Mapping[str, set[int]]:
        places: dict[str, set[int]] = defaultdict(set)
        for place, section in enumerate(self.sections):
            for key in _keys(known.value for known in accepted_audiences(section)):
                places[key].add(place)
        return places


def _is_related(section: Expectation, audiences: Sequence[str]) -> bool:
    pairs = ((one, known.value) for known in accepted_audiences(section) for one in audiences)
    return any(relate_audiences(*pair) is not AudienceRelation.DIFFERENT for pair in pairs)


def _keys(audiences: Iterable[str]) -> set[str]:
    """Return what audiences that are related have in common: of Microsoft's own services, the application."""
    keys = set()
    for audience in audiences:
        known = application(audience.strip())
        keys |= {application_key(audience)} if known is None else {application_key(audience), known.id.lower()}
    return keys
