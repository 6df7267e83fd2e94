"""Calls from pages of other origins: what ``cors`` answers by itself, and what goes on to the other policies."""

from __future__ import annotations

import pytest

from claimlens.apim.parser import parse
from claimlens.apim.simulator import Request, Scope, Simulation, StepVerdict, Surroundings, simulate
from tests.support.simulator import NOW, answer, bearer, jwt, run, token

PAGE = "https://shop.example"
TERMINATES_NOT = 'terminate-unmatched-request="false"'
ASKS = (("Origin", PAGE), ("Access-Control-Request-Method", "GET"))


def cors(
    origin: str = PAGE, attributes: str = "", methods: str = "", allowed: str = "<header>authorization</header>"
) -> str:
    return (
        f"<cors {attributes}><allowed-origins><origin>{origin}</origin></allowed-origins>{methods}"
        f"<allowed-headers>{allowed}</allowed-headers></cors>"
    )


def preflight(*more: tuple[str, str]) -> Request:
    return Request("OPTIONS", headers=(*ASKS, *more))


def failing(simulation: Simulation) -> list[str]:
    return [step.detail for step in simulation.steps if step.verdict is StepVerdict.FAIL]


@pytest.mark.parametrize("policies", [cors() + jwt(), jwt() + cors()])
def test_a_preflight_is_answered_before_any_token_is_looked_for(policies: str) -> None:
    simulation = run(policies, preflight(("Access-Control-Request-Headers", "Authorization")))

    assert answer(simulation) == ("pass", None)
    assert (simulation.status, simulation.body) == (200, "")
    assert {step.policy for step in simulation.steps} == {"cors"}


def test_without_cors_a_preflight_meets_the_check_of_the_token() -> None:
    assert answer(run(jwt(), preflight())) == ("fail", "TokenNotPresent")


def test_options_that_no_browser_asks_in_advance_goes_the_usual_way() -> None:
    assert answer(run(cors() + jwt(), Request("OPTIONS", headers=(("Origin", PAGE),)))) == ("fail", "TokenNotPresent")


@pytest.mark.parametrize(
    ("policy", "more", "words"),
    [
        (cors("https://other.example"), (), "accepted is 'https://other.example'"),
        (cors("https://other.example", TERMINATES_NOT), (), "No cors accepts the origin"),
        (cors(), (("Access-Control-Request-Headers", "x-a, authorization"),), "The headers 'x-a' may not be sent"),
        (cors(methods="<allowed-methods><method>PUT</method></allowed-methods>"), (), "The method 'GET' may not"),
    ],
)
def test_a_preflight_that_a_browser_gives_up_on_fails_with_status_200(
    policy: str, more: tuple[tuple[str, str], ...], words: str
) -> None:
    simulation = run(policy, preflight(*more))

    assert (answer(simulation), simulation.status) == (("fail", None), 200)
    (detail,) = failing(simulation)
    assert words in detail


@pytest.mark.parametrize(
    "policy",
    [
        cors("*", allowed="<header>*</header>"),
        cors("https://SHOP.example"),
        cors("https://other.example", TERMINATES_NOT) + cors(),
    ],
)
def test_what_takes_a_preflight(policy: str) -> None:
    assert answer(run(policy, preflight())) == ("pass", None)


def test_cors_of_an_outer_scope_and_of_a_fragment_counts() -> None:
    inner = parse('<policies><inbound><base /><include-fragment fragment-id="f" /></inbound></policies>')
    outer = parse(f"<policies><inbound>{cors('https://other.example', TERMINATES_NOT)}</inbound></policies>")
    fragment = Scope("fragment", parse(f"<fragment>{cors()}</fragment>"), "f.xml")
    scopes = (Scope("api", inner), Scope("global", outer, "policy.xml"))

    simulation = simulate(preflight(), Surroundings(scopes, fragments={"f": fragment}), NOW)

    assert answer(simulation) == ("pass", None)
    assert [step.path for step in simulation.steps] == ["policy.xml", "f.xml", "f.xml", "f.xml"]


@pytest.mark.parametrize(
    ("method", "policy", "expected", "status"),
    [
        ("GET", cors(), ("pass", None), 200),
        ("GET", cors("https://other.example"), ("fail", None), 200),
        ("HEAD", cors("https://other.example"), ("fail", None), 200),
        ("GET", cors("https://other.example", TERMINATES_NOT), ("pass", None), 200),
        ("POST", cors("https://other.example"), ("pass", None), 200),
        ("GET", cors("@(context.Product.Name)"), ("undetermined", None), None),
    ],
)
def test_the_origin_of_a_request_with_a_token(
    method: str, policy: str, expected: tuple[str, str | None], status: int | None
) -> None:
    request = Request(method, headers=(*bearer(token()).headers, ("Origin", PAGE)))

    simulation = run(policy + jwt(), request)

    assert (answer(simulation), simulation.status) == (expected, status)
    assert bool(failing(simulation)) == (expected[0] == "fail")


def test_a_request_without_an_origin_is_no_matter_of_cors() -> None:
    undecided = f'<choose><when condition="@(context.Product.Id == "a")">{cors()}</when></choose>'

    assert answer(run(undecided + jwt(), bearer(token()))) == ("pass", None)
    assert answer(run(undecided + jwt(), Request())) == ("fail", "TokenNotPresent")


def test_what_only_the_service_knows_leaves_a_preflight_open() -> None:
    assert answer(run(cors("@(context.Product.Name)"), preflight())) == ("undetermined", None)
    assert answer(run("<cors>" + cors(), preflight())) == ("undetermined", None)
