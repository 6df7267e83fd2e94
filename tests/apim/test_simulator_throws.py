"""Expressions that throw for what is known of the request: the service answers 500, unless on-error answers."""

from __future__ import annotations

import pytest

from claimlens.apim.parser import parse
from claimlens.apim.simulator import Request, Scope, Surroundings, simulate
from tests.support.simulator import NOW, answer, bearer, jwt, run, token

REASON = "ExpressionValueEvaluationFailure"


def when(condition: str) -> str:
    return f'<choose><when condition="@({condition})"><return-response /></when></choose>'


@pytest.mark.parametrize(
    "policy",
    [
        when('context.Request.Headers["X-Key"].First() == "a"'),
        when('context.Request.Headers["Authorization"].First().Split(\' \')[2] == "a"'),
        when('context.Request.Headers["Authorization"].First().AsJwt().Claims["groups"].Any(g => g == "a")'),
        when('context.Request.Url.Query["code"].First() == "a"'),
        '<set-variable name="key" value="@(context.Request.Headers["X-Key"].First())" />',
    ],
)
def test_what_is_not_in_the_request_cannot_be_read(policy: str) -> None:
    simulation = run(policy + jwt(), bearer(token()))

    assert (answer(simulation), simulation.status, simulation.body) == (("fail", REASON), 500, None)
    assert simulation.steps[-1].reading


@pytest.mark.parametrize(
    "policy",
    [
        when('context.Variables["set-elsewhere"] == "a"'),
        when('((string)context.Variables["set-elsewhere"]).Length == 1'),
        '<set-header name="X-Key"><value>@(context.Product.Name)</value></set-header>'
        + when('context.Request.Headers["X-Key"].First() == "a"'),
    ],
)
def test_what_others_may_have_set_is_left_open(policy: str) -> None:
    assert answer(run(policy, Request())) == ("undetermined", None)


def test_what_is_not_evaluated_does_not_throw() -> None:
    condition = 'context.Request.Headers.ContainsKey("X-Key") && context.Request.Headers["X-Key"].First() == "a"'

    assert answer(run(when(condition), Request())) == ("pass", None)


def test_on_error_learns_of_it() -> None:
    policies = f"""<policies><inbound>{when('context.Request.Headers["X-Key"].First() == "a"')}</inbound><on-error>
        <choose><when condition="@(context.LastError.Reason == "{REASON}")"><return-response><set-status code="400" />
        </return-response></when></choose></on-error></policies>"""

    simulation = simulate(Request(), Surroundings((Scope("api", parse(policies)),)), NOW)

    assert (answer(simulation), simulation.status) == (("fail", REASON), 400)
