"""What expressions may use is known consistently, and everything that real policies use of it is known."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from claimlens.apim import expression_facts as facts
from claimlens.apim import knowledge
from claimlens.apim.csharp import CodeKind, tokenize
from claimlens.apim.data import load
from claimlens.apim.parser import parse

OF_OTHERS = ("IEnumerable", "IReadOnlyDictionary", "IDictionary", "IList", "IGraphQLDataObject")
"""Types of .NET, and one whose members no page lists."""
CORPUS = os.environ.get("CLAIMLENS_CORPUS")


def test_every_type_and_member_is_explained() -> None:
    for name, fact in facts.types().items():
        assert fact.documentation.endswith("."), name
        assert bool(fact.members) != bool(fact.values), name
        for member in fact.members.values():
            assert re.fullmatch(r"[A-Z`].{2,200}[.]", member.documentation), f"{name}.{member.name}"
            assert member.signature is None or member.signature.startswith(member.name), f"{name}.{member.name}"


def test_every_type_of_its_own_that_is_named_exists() -> None:
    for fact in facts.types().values():
        for member in fact.members.values():
            for named in re.findall(r"\bI[A-Z][a-z]\w+", member.type):
                assert named in facts.types() or named in OF_OTHERS, named


def test_the_data_says_where_it_was_read() -> None:
    data = load("expressions")

    assert data["source"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", data["date"])
    assert data["error_reasons"]["source"]


def test_members_are_followed_through_their_types() -> None:
    chain = facts.members_along(("Request", "OriginalUrl", "Host"))

    assert [member.type for member in chain] == ["IRequest", "IUrl", "string"]
    assert facts.members_along(("Request", "Nothing")) == chain[:1]


def test_an_unknown_member_is_told_with_the_type_that_lacks_it() -> None:
    found = facts.unknown_member(("Request", "Urls", "Host"))

    assert found is not None
    assert found[0] == 1
    assert found[1].name == "IRequest"
    assert facts.unknown_member(("Request", "Url", "Host")) is None


def test_types_that_are_not_its_own_are_not_judged() -> None:
    assert facts.unknown_member(("Request", "Method", "AnythingAtAll")) is None
    assert facts.unknown_member(("Request", "Url", "ToString")) is None


def test_types_are_allowed_by_short_and_by_full_name() -> None:
    assert facts.allowed_type("Regex") is facts.allowed_type("System.Text.RegularExpressions.Regex")
    assert facts.allowed_type("List") is not None
    assert facts.allowed_type("File") is None
    document = facts.allowed_type("XDocument")
    assert document is not None
    assert document.forbidden == {"Load"}
    regex = facts.allowed_type("Regex")
    assert regex is not None
    assert regex.members is not None
    assert "IsMatch" in regex.members


def test_short_names_are_unique() -> None:
    names = Counter(fact.short_name for fact in facts.allowed_types().values())

    assert [name for name, times in names.items() if times > 1] == ["Extensions"]


def test_variables_have_the_type_of_the_policy_that_sets_them() -> None:
    assert facts.variable_from("validate-jwt", "output-token-variable-name") == "Jwt"
    assert facts.variable_from("set-variable", "name") is None
    for key in load("expressions")["variables_from_policies"]:
        policy, _, attribute = key.partition("@")
        fact = knowledge.policy(policy)
        assert fact is not None
        assert attribute in fact.attributes


def test_reasons_name_policies_that_exist() -> None:
    reasons = {(entry.policy, entry.reason) for entry in facts.error_reasons()}

    assert len(reasons) == len(facts.error_reasons())
    assert ("validate-jwt", "TokenAudienceNotAllowed") in reasons
    for policy, _ in reasons - {("", "")}:
        assert policy in ("", "authorization", "configuration") or knowledge.policy(policy), policy


@pytest.mark.skipif(CORPUS is None, reason="set CLAIMLENS_CORPUS to a folder with apim/")
def test_every_member_of_context_in_deployed_policies_is_known() -> None:
    assert CORPUS is not None
    unknown: Counter[str] = Counter()
    chains = 0
    for path in sorted(Path(CORPUS, "apim").iterdir()):
        if path.suffix == ".csv":
            continue
        for expression in parse(path.read_text(encoding="utf-8")).expressions:
            for names in chains_in(expression.code):
                chains += 1
                if facts.unknown_member(names):
                    unknown[".".join(names)] += 1

    assert chains > 1000
    assert not unknown


def chains_in(code: str) -> list[tuple[str, ...]]:
    """Return the names behind each ``context``, as far as nothing but dots stands between them."""
    tokens = [token for token in tokenize(code) if token.kind is not CodeKind.COMMENT]
    found: list[tuple[str, ...]] = []
    for index, token in enumerate(tokens):
        if token.text == "context" and token.kind is CodeKind.IDENTIFIER:
            names: list[str] = []
            rest = tokens[index + 1 :]
            for dot, name in zip(rest[::2], rest[1::2], strict=False):
                if dot.text not in (".", "?.") or name.kind is not CodeKind.IDENTIFIER:
                    break
                names.append(name.text)
            found.append(tuple(names))
    return found
