"""Policies whose answer depends on more than the request: they are named, and left open where they could refuse it."""

from __future__ import annotations

import pytest

from claimlens.apim.simulator import Request, StepVerdict
from tests.support.simulator import answer, bearer, jwt, run, token


@pytest.mark.parametrize("policy", ["rate-limit", "quota", "rate-limit-by-key", "quota-by-key", "validate-content"])
def test_limits_and_contents_are_named_as_not_followed(policy: str) -> None:
    simulation = run(f"<{policy} />", Request())

    assert answer(simulation) == ("pass", None)
    assert [(step.policy, step.verdict) for step in simulation.steps] == [(policy, StepVerdict.SKIPPED)]


@pytest.mark.parametrize(
    ("policy", "verdict", "outcome"),
    [
        ('<validate-parameters specified-parameter-action="prevent" />', StepVerdict.UNKNOWN, "undetermined"),
        ('<validate-parameters specified-parameter-action="detect" />', StepVerdict.SKIPPED, "pass"),
        ('<validate-parameters><query unspecified-parameter-action="prevent" /></validate-parameters>',
         StepVerdict.UNKNOWN, "undetermined"),
        ('<validate-content unspecified-content-type-action="prevent" />', StepVerdict.UNKNOWN, "undetermined"),
        ('<validate-content unspecified-content-type-action="ignore" />', StepVerdict.SKIPPED, "pass"),
        ("<validate-graphql-request />", StepVerdict.UNKNOWN, "undetermined"),
        ("<rate-limit calls='1' renewal-period='1' />", StepVerdict.SKIPPED, "pass"),
    ],
)  # fmt: skip
def test_what_only_the_description_of_the_api_decides_is_left_open(
    policy: str, verdict: StepVerdict, outcome: str
) -> None:
    simulation = run(policy, Request("POST", body="{}"))

    assert [step.verdict for step in simulation.steps] == [verdict]
    assert str(simulation.outcome) == outcome


def test_a_request_without_a_body_has_no_content_to_refuse() -> None:
    simulation = run('<validate-content unspecified-content-type-action="prevent" />', Request())

    assert (str(simulation.outcome), simulation.steps[0].verdict) == ("pass", StepVerdict.SKIPPED)


def test_what_a_limit_is_put_around_is_checked() -> None:
    assert answer(run(f'<limit-concurrency key="a" max-count="1">{jwt()}</limit-concurrency>', Request())) == (
        "fail",
        "TokenNotPresent",
    )


@pytest.mark.parametrize(
    ("attributes", "request_", "words"),
    [
        ("", bearer(token()), "gets no cached answer"),
        ('allow-private-response-caching="true"', bearer(token()), "unchecked by what follows"),
        ("", Request(), "unchecked by what follows"),
    ],
)
def test_a_cache_is_named_for_what_it_would_pass_by(attributes: str, request_: Request, words: str) -> None:
    simulation = run(f"<cache-lookup {attributes} />", request_)

    assert answer(simulation) == ("pass", None)
    assert words in simulation.steps[0].detail


def test_a_variable_that_a_limit_sets_is_only_known_in_the_service() -> None:
    condition = '@((int)context.Variables["left"] == 0)'
    policy = f"""<rate-limit-by-key remaining-calls-variable-name="left" />
        <choose><when condition="{condition}"><return-response /></when></choose>"""

    assert answer(run(policy, Request())) == ("undetermined", None)
