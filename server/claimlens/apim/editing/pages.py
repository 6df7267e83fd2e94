"""What is known of each part of the policy language, as Markdown for hovers and completion.

The sentences are the data's own. Everything that comes from a document goes through `claimlens.text.escape` first.
"""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.apim.expression_facts import MemberFact, types
from claimlens.apim.facts import AttributeFact, ElementFact, Once, PolicyFact
from claimlens.apim.knowledge import child, element, reference, resolve

_SECTIONS = {
    "policies": "Root of a policy document. It holds the sections `inbound`, `backend`, `outbound` and `on-error`.",
    "fragment": "Root of a policy fragment: policies that documents include with `include-fragment`.",
    "inbound": "Policies that run on the request before it is forwarded.",
    "backend": "Policies that run between `inbound` and the backend; mostly `forward-request`. Only one runs.",
    "outbound": "Policies that run on the response before it is sent to the caller.",
    "on-error": "Policies that run when a policy fails. `context.LastError` says which and why.",
}


def section_page(name: str) -> str | None:
    """Return the page of a root or a section, or None where ``name`` is none."""
    text = _SECTIONS.get(name)
    return f"`<{name}>`\n\n{text}" if text else None


def element_page(names: tuple[str, ...]) -> str | None:
    """Return the page of the element at the end of ``names``, outermost first; None where nothing is known of it."""
    fact = resolve(names)
    if fact is None:
        return section_page(names[-1]) if names else None
    parts = [f"`<{fact.name}>`", fact.documentation]
    outer = resolve(names[:-1])
    known = outer.children.get(fact.name) if outer is not None else None
    if known is not None and not known.is_policy:
        parts.append(_occurrence(known.least, known.most))
    if isinstance(fact, PolicyFact):
        parts += _of_policy(fact)
    return "\n\n".join(part for part in (*parts, _members(fact)) if part)


def attribute_page(names: tuple[str, ...], name: str) -> str | None:
    """Return the page of an attribute of the element at the end of ``names``, or None where it is not known."""
    fact = resolve(names)
    found = fact.attributes.get(name) if fact is not None else None
    if fact is None or found is None:
        return None
    return "\n\n".join(
        (f"`{fact.name}` · `{name}`", found.documentation, "\n".join(_attribute_rows(found)), _edition())
    )


def value_page(names: tuple[str, ...], name: str, value: str) -> str | None:
    """Return the page of one value of an attribute, or None where the attribute has no list of values."""
    fact = resolve(names)
    found = fact.attributes.get(name) if fact is not None else None
    if found is None or value not in found.values:
        return None
    default = " This is the default." if value == found.default else ""
    return f"`{name}` = `{value}`\n\n{found.documentation}{default}"


def member_page(owner: str, member: MemberFact) -> str:
    """Return the page of a member of a type."""
    code = f"{member.type} {owner}.{member.signature or member.name}"
    note = "" if member.documented else "Not documented by Microsoft."
    note = "Only in older editions of the reference." if member.outdated else note
    return "\n\n".join(part for part in (f"```csharp\n{code}\n```", member.documentation, note) if part)


def type_page(name: str) -> str | None:
    """Return the page of a type of the service, or None where it is none."""
    fact = types().get(name)
    return f"```csharp\n{name}\n```\n\n{fact.documentation}" if fact else None


def page_of(key: str) -> str | None:
    """Return the page that a completion item names: ``path``, ``path@attribute`` or ``Type.Member``."""
    path, _, attribute = key.partition("@")
    if attribute:
        return attribute_page(tuple(path.split("/")), attribute)
    owner, dot, name = key.partition(".")
    if dot and owner in types():
        member = types()[owner].members.get(name)
        return member_page(owner, member) if member else None
    return element_page(tuple(path.split("/"))) if element(path) or path in _SECTIONS else None


def _of_policy(fact: PolicyFact) -> Iterator[str]:
    rows = [f"- Sections: {_codes(fact.sections)}"] if fact.sections else []
    rows += [f"- Accepted in {_codes(fact.tolerated_sections)} too"] if fact.tolerated_sections else []
    rows += [f"- Scopes: {', '.join(fact.scopes)}"] if fact.scopes else []
    rows += [f"- Gateways: {', '.join(sorted(fact.gateways))}"] if fact.gateways else []
    rows += [f"- Once per {'section' if fact.once is Once.SECTION else 'policy definition'}"] if fact.once else []
    rows += ["- Preview: may still change"] if fact.preview else []
    rows += ["- Retired"] if fact.retired else []
    rows += [f"- {note}" for note in fact.notes]
    yield "\n".join(rows)
    yield f"[{fact.name} in the reference]({fact.link}) · {_edition()}" if fact.link else _edition()


def _members(fact: ElementFact) -> str:
    rows = [f"- `{name}`{_mark(found.required)}: {found.documentation}" for name, found in fact.attributes.items()]
    inner = []
    for name, entry in fact.children.items():
        known = child(fact, name)
        text = f": {known.documentation}" if known is not None else ""
        inner.append(f"- `<{name}>`{_mark(entry.least > 0)}{text}")
    attributes = "\n".join(["**Attributes**", "", *rows]) if rows else ""
    children = "\n".join(["**Elements**", "", *inner]) if inner else ""
    return "\n\n".join(part for part in (attributes, children) if part)


def _mark(required: bool) -> str:
    return " (required)" if required else ""


def _attribute_rows(fact: AttributeFact) -> Iterator[str]:
    yield f"- Type: {fact.type.value}"
    if fact.values:
        yield f"- Values: {_codes(fact.values)}"
    if fact.default is not None:
        yield f"- Default: `{fact.default}`" if fact.default else "- Default: empty"
    if fact.minimum is not None or fact.maximum is not None:
        least = "" if fact.minimum is None else f"from {fact.minimum:g} "
        yield f"- Range: {least}{'' if fact.maximum is None else f'to {fact.maximum:g}'}".rstrip()
    if fact.required:
        yield "- Required"
    if fact.expressions is not None:
        yield f"- Policy expressions: {'allowed' if fact.expressions else 'not allowed'}"
    if not fact.documented:
        yield "- Not documented by Microsoft"


def _occurrence(least: int, most: int | None) -> str:
    if least and most == 1:
        return "Must stand here once."
    if least:
        return "Must stand here at least once."
    return "May stand here once." if most == 1 else ""


def _codes(values: tuple[str, ...]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _edition() -> str:
    edition = reference()
    return f"{edition.name} {edition.version}"
