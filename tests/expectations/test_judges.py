"""Looking up who judges a token finds whom comparing it with everybody would find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.expectations import Expectation, SourceKind
from claimlens.expectations.accepted import accepted_audiences
from claimlens.expectations.judges import Judges
from claimlens.expectations.matching import Neighbourhood, mismatch
from claimlens.expectations.model import Stated
from claimlens.expectations.presented import Presented
from claimlens.expectations.relations import AudienceRelation, relate_audiences
from claimlens.text.spans import Span

ID = "aaaaaaaa-0000-4000-8000-000000000001"
AUDIENCES = [
    "orders", "Orders", "orders/", " orders ", "api://orders", ID, f"api://{ID}", f"api://{ID.upper()}/", "",
    "00000003-0000-0000-c000-000000000000", "https://graph.microsoft.com", "https://graph.microsoft.com/", "stock",
]  # fmt: skip


def policy(*audiences: str) -> Expectation:
    stated = tuple(Stated(each, Span(0, len(each)), "audience") for each in audiences)
    metadata = Stated(f"https://login.microsoftonline.com/{ID}/v2.0", Span(0, 1), "url")
    statements = {"audience": stated, "metadata": (metadata,)}
    return Expectation(SourceKind.VALIDATE_JWT, "validate-jwt", Span(0, 1), statements, "file:///w/policy.xml")


@given(st.lists(st.lists(st.sampled_from(AUDIENCES), min_size=1, max_size=3), max_size=4), st.sampled_from(AUDIENCES))
def test_every_section_that_accepts_a_related_audience_is_found(sections: list[list[str]], sought: str) -> None:
    judges = Judges(tuple(policy(*each) for each in sections))

    related = [
        section
        for section in judges.sections
        for known in [accepted_audiences(section)]
        if any(relate_audiences(sought, each.value) is not AudienceRelation.DIFFERENT for each in known)
    ]

    assert judges.of([sought]) == related


@pytest.mark.parametrize(
    ("sections", "is_one"),
    [
        ([], True),
        ([["a"]], True),
        ([["a"], ["b"]], False),
        ([["a"], ["b", "c"], ["C/", "a"]], True),
        ([["a", "b"], ["c", "d"], ["b"], ["d"]], False),
        ([[ID], [f"api://{ID}"]], True),
    ],
)
def test_sections_of_one_api_hang_together(sections: list[list[str]], is_one: bool) -> None:
    assert Judges(tuple(policy(*each) for each in sections)).are_of_one_api is is_one


def test_hundreds_of_policies_and_tokens_take_no_longer_than_their_number() -> None:
    near = Neighbourhood(tuple(policy(f"api://{number}") for number in range(2_000)), beside=True)
    tokens = [Presented((f"api://x{number}",), f"https://login.microsoftonline.com/{ID}/v2.0") for number in range(300)]

    assert [mismatch(each, near, sent_to="orders.example") for each in tokens] == [None] * len(tokens)
