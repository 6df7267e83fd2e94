"""Text with places to fill in, and the snippets that write elements and attributes."""

from __future__ import annotations

import attrs

from claimlens.apim.facts import AttributeFact, ElementFact, Holds, ValueType
from claimlens.apim.knowledge import child


@attrs.frozen
class Snippet:
    r"""Text with places to fill in, in order: ``pieces[0] places[0] pieces[1] …``, one more piece than places.

    Attributes:
        pieces: the fixed text. A line break is ``\n``, a step of indentation a tab.
        places: what first stands in each place, or the values to choose from, the first of which stands there first.
    """

    pieces: tuple[str, ...]
    places: tuple[str | tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, text: str) -> Snippet:
        """Return a snippet that is fixed."""
        return cls((text,))

    @property
    def plain(self) -> str:
        """The text without places."""
        first = (place if isinstance(place, str) else place[0] for place in (*self.places, ""))
        return "".join(piece + place for piece, place in zip(self.pieces, first, strict=True))

    @property
    def tab_stops(self) -> str:
        """The text in the notation of the Language Server Protocol 3.17, "Snippet Syntax"."""
        if not self.places:
            return _escaped(self.plain)
        parts = [_escaped(self.pieces[0])]
        for number, (place, piece) in enumerate(zip(self.places, self.pieces[1:], strict=True), 1):
            parts += (_tab_stop(0 if number == len(self.places) and not place else number, place), _escaped(piece))
        return "".join(parts)


def _tab_stop(number: int, place: str | tuple[str, ...]) -> str:
    if isinstance(place, tuple):
        choices = ",".join(_escaped(choice).replace(",", "\\,").replace("|", "\\|") for choice in place)
        return f"${{{number}|{choices}|}}"
    return f"${{{number}:{_escaped(place)}}}" if place else f"${number}"


def values_of(fact: AttributeFact) -> str | tuple[str, ...]:
    """Return what first stands in an attribute, or its values with the default first."""
    values = fact.values or (("true", "false") if fact.type is ValueType.BOOLEAN else ())
    if values:
        return tuple(sorted(values, key=lambda value: value != fact.default))
    return fact.default or ""


def attribute_snippet(fact: AttributeFact) -> Snippet:
    """Return ``name="value"`` with what to fill in."""
    return Snippet((f'{fact.name}="', '"'), (values_of(fact),))


def element_snippet(fact: ElementFact, begin: str = "") -> Snippet:
    """Return an element with all that it must have: its attributes, and one level of children."""
    pieces, places = [f"{begin}{fact.name}"], list[str | tuple[str, ...]]()
    _add_attributes(fact, pieces, places)
    required = [entry for entry in fact.children.values() if entry.least]
    if not required and not fact.text and fact.holds is Holds.NOTHING and not fact.children:
        pieces[-1] += " />"
        return Snippet(tuple(pieces), tuple(places))
    pieces[-1] += ">"
    if required:
        for entry in required:
            _add_child(fact, entry.name, pieces, places)
        pieces[-1] += f"\n</{fact.name}>"
    else:
        block = fact.holds is not Holds.NOTHING or bool(fact.children)
        pieces[-1] += "\n\t" if block else ""
        places.append("")
        pieces.append(f"\n</{fact.name}>" if block else f"</{fact.name}>")
    return Snippet(tuple(pieces), tuple(places))


def _add_attributes(fact: ElementFact, pieces: list[str], places: list[str | tuple[str, ...]]) -> None:
    for attribute in fact.required_attributes:
        pieces[-1] += f' {attribute.name}="'
        places.append(values_of(attribute))
        pieces.append('"')


def _add_child(fact: ElementFact, name: str, pieces: list[str], places: list[str | tuple[str, ...]]) -> None:
    known = child(fact, name)
    assert known is not None, "a child that is required is known"
    pieces[-1] += f"\n\t<{name}"
    _add_attributes(known, pieces, places)
    if not known.text and known.holds is Holds.NOTHING and not known.children:
        pieces[-1] += " />"
        return
    block = known.holds is not Holds.NOTHING or bool(known.children)
    pieces[-1] += ">\n\t\t" if block else ">"
    places.append("")
    pieces.append(f"\n\t</{name}>" if block else f"</{name}>")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")
