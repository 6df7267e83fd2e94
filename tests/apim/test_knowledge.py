"""The catalogue of policies is whole, consistent, and fits what people have deployed."""

from __future__ import annotations

import datetime
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from claimlens.apim import knowledge
from claimlens.apim.document import SECTIONS, PolicyDocument
from claimlens.apim.facts import AttributeFact, ElementFact, Gateway, GroupKind, Holds, ValueType
from claimlens.apim.model import Element
from claimlens.apim.parser import parse

CORPUS = os.environ.get("CLAIMLENS_CORPUS")


def elements() -> Iterator[tuple[str, ElementFact]]:
    """Yield every element of the catalogue with its path."""
    pending: list[tuple[str, ElementFact]] = list(knowledge.policies().items())
    while pending:
        path, fact = pending.pop()
        yield path, fact
        pending += [(f"{path}/{name}", entry.element) for name, entry in fact.children.items() if entry.element]


def attributes() -> Iterator[tuple[str, AttributeFact]]:
    for path, fact in elements():
        for name, attribute in fact.attributes.items():
            yield f"{path}@{name}", attribute


def test_the_reference_is_named_with_its_version() -> None:
    reference = knowledge.reference()

    assert re.fullmatch(r"20\d\d-\d\d", reference.version)
    assert reference.url.startswith("https://learn.microsoft.com/")


def test_every_policy_says_where_this_was_read() -> None:
    for name, fact in knowledge.policies().items():
        assert fact.source, name
        assert fact.confidence in ("high", "medium", "low"), name
        assert fact.date is None or datetime.date.fromisoformat(fact.date), name
        assert (fact.link is not None) == fact.documented, name


def test_every_policy_has_a_place() -> None:
    for name, fact in knowledge.policies().items():
        inside = name in knowledge.parents()
        assert fact.sections or fact.resolver or inside, name
        assert set(fact.sections) <= set(SECTIONS), name
        assert not set(fact.tolerated_sections) & set(fact.sections), name
        assert set(fact.scopes) <= {"global", "workspace", "product", "api", "operation"}, name
        assert fact.gateways, name


def test_every_element_and_attribute_is_explained_in_a_sentence() -> None:
    texts = {path: fact.documentation for path, fact in elements()}
    texts |= {path: attribute.documentation for path, attribute in attributes()}

    assert [path for path, text in texts.items() if not re.fullmatch(r"[A-Z`].{4,240}[.]", text)] == []


def test_names_in_groups_and_needs_exist() -> None:
    for path, fact in elements():
        known = {*fact.attributes, *(f"<{name}>" for name in fact.children), *(["#text"] if fact.text else [])}
        names = {name for group in fact.groups for alternative in group.alternatives for name in alternative}
        names |= {need.name for need in fact.needs} | {need.condition.attribute for need in fact.needs}
        names |= {group.unless.attribute for group in fact.groups if group.unless}
        assert names <= known, path


def test_orders_name_the_children() -> None:
    for path, fact in elements():
        assert set(fact.order) <= set(fact.children), path
        assert not fact.order or not fact.order_enforced or set(fact.order) == set(fact.children), path


def test_values_defaults_and_bounds_fit_the_type() -> None:
    for path, attribute in attributes():
        assert bool(attribute.values) == (attribute.type is ValueType.ENUMERATION), path
        assert attribute.default is None or not attribute.values or attribute.default in attribute.values, path
        if attribute.type is ValueType.BOOLEAN:
            assert attribute.default in (None, "true", "false"), path
        if attribute.type is ValueType.INTEGER and attribute.default is not None:
            assert attribute.default.isdecimal(), path
        if attribute.minimum is not None or attribute.maximum is not None:
            assert attribute.type in (ValueType.INTEGER, ValueType.NUMBER), path
        assert not (attribute.required and attribute.default is not None and "vary-by" not in path), path


def test_suggestions_stand_where_any_value_may() -> None:
    for path, fact in elements():
        assert fact.text or not fact.suggestions, path
    for path, attribute in attributes():
        assert not (attribute.values and attribute.suggestions), path
    assert "PATCH" in knowledge.policies()["set-method"].suggestions


def test_a_retired_policy_is_known_but_not_offered() -> None:
    fact = knowledge.policies()["set-graphql-resolver"]

    assert fact.retired
    assert fact.link
    assert fact not in knowledge.policies_in("backend")
    request = knowledge.element("set-graphql-resolver/http-data-source/http-request")
    assert request is not None
    assert "set-url" in request.children


def test_children_without_facts_of_their_own_are_policies() -> None:
    for path, fact in elements():
        for name, entry in fact.children.items():
            assert knowledge.child(fact, name) is not None, f"{path}/{name}"
            assert entry.most is None or entry.least <= entry.most, f"{path}/{name}"


def test_paired_policies_name_each_other() -> None:
    for name, fact in knowledge.policies().items():
        if fact.paired_with:
            partner = knowledge.policy(fact.paired_with.policy)
            assert partner is not None
            assert partner.paired_with is not None
            assert partner.paired_with.policy == name
            assert fact.paired_with.section in partner.sections


def test_validate_jwt_is_known_in_full() -> None:
    fact = knowledge.policy("validate-jwt")

    assert fact is not None
    assert fact.sections == ("inbound",)
    assert fact.order_enforced
    assert fact.order.index("openid-config") < fact.order.index("audiences") < fact.order.index("required-claims")
    assert fact.attributes["clock-skew"].type is ValueType.INTEGER
    assert fact.attributes["output-token-variable-name"].expressions is False
    assert fact.groups[0].kind is GroupKind.EXACTLY_ONE
    assert fact.groups[0].alternatives == (("header-name",), ("query-parameter-name",), ("token-value",))
    assert Gateway.SELF_HOSTED in fact.gateways


def test_an_element_is_found_by_the_names_around_it() -> None:
    names = ("policies", "inbound", "choose", "when", "set-header", "value")

    value = knowledge.resolve(names)

    assert value is not None
    assert value is knowledge.element("set-header/value")
    assert value.text
    assert knowledge.resolve(("fragment", "set-header", "value")) is value
    assert knowledge.resolve(("policies", "inbound", "set-header", "when")) is None
    assert knowledge.resolve(("policies",)) is None
    assert knowledge.element("no-such-policy/value") is None


def test_a_container_holds_any_policy_and_others_do_not() -> None:
    when = knowledge.element("choose/when")

    assert when is not None
    assert when.holds is Holds.POLICIES
    assert knowledge.child(when, "set-header") is knowledge.policy("set-header")
    choose = knowledge.policy("choose")
    assert choose is not None
    assert knowledge.child(choose, "set-header") is None


def test_parents_of_an_element_that_is_no_policy() -> None:
    assert knowledge.parents()["required-claims"] == ("validate-jwt", "validate-azure-ad-token")
    assert "send-request" in knowledge.parents()["set-url"]


def test_policies_are_listed_by_section_gateway_and_scope() -> None:
    backend = {fact.name for fact in knowledge.policies_in("backend")}
    consumption = {fact.name for fact in knowledge.policies_in("inbound", gateway=Gateway.CONSUMPTION)}
    operation = {fact.name for fact in knowledge.policies_in("inbound", scope="operation")}

    assert {"forward-request", "base", "retry"} <= backend
    assert "validate-jwt" not in backend
    assert "rate-limit-by-key" not in consumption
    assert "validate-jwt" in consumption
    assert "quota" not in operation


def test_a_trace_may_hold_only_metadata_or_only_text() -> None:
    trace = knowledge.policy("trace")

    assert trace is not None
    assert trace.text
    assert trace.children["message"].least == 0


def test_a_resolver_of_cosmos_db_makes_one_request() -> None:
    fact = knowledge.policy("cosmosdb-data-source")

    assert fact is not None
    assert fact.resolver
    assert fact.groups[0].kind is GroupKind.EXACTLY_ONE
    assert ("<query-request>",) in fact.groups[0].alternatives


@pytest.mark.skipif(CORPUS is None, reason="set CLAIMLENS_CORPUS to a folder with apim/")
def test_what_people_have_deployed_is_known() -> None:
    """Real files hold hardly anything the catalogue does not know; what is left is misspelt in those files."""
    assert CORPUS is not None
    unknown: Counter[str] = Counter()
    seen = 0
    for path in sorted(Path(CORPUS, "apim").iterdir()):
        if path.suffix != ".csv":
            document = parse(path.read_text(encoding="utf-8"))
            for element in () if document.problems else document.elements:
                seen += 1
                unknown.update(unknown_names(document, element))

    assert seen > 5000
    assert sum(unknown.values()) <= seen / 200, unknown


def unknown_names(document: PolicyDocument, element: Element) -> Iterator[str]:
    """Yield the element's name where the catalogue has no such element there, and attributes that it does not have."""
    line = [step.name for step in [*reversed(list(document.ancestors(element))), element]]
    if line[-1] in (*knowledge.ROOTS, *SECTIONS) or "set-body" in line[:-1] or "xsl-transform" in line[:-1]:
        return
    fact = knowledge.resolve(line)
    if fact is None:
        yield "/".join(line)
    else:
        yield from (
            f"{line[-1]}@{attribute.name}" for attribute in element.attributes if attribute.name not in fact.attributes
        )
