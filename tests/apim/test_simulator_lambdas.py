"""Expressions that look through claims: lambdas, ``TryParseJwt``, and texts read as numbers and truth values."""

from __future__ import annotations

from typing import Any

import pytest

from claimlens.apim.simulator.expressions import evaluate, evaluate_block
from claimlens.apim.simulator.members import Context, Jwt, UndecidedError
from tests.support.simulator import bearer, token

JWT = Jwt({"roles": ["Reader", "Admin"], "scp": "Orders.Read Orders.Write", "tid": "t"})
CONTEXT = Context(bearer(token(tid="t")), {"jwt": JWT, "none": []})
SCOPES = '((Jwt)context.Variables["jwt"]).Claims["scp"]'
ROLES = '((Jwt)context.Variables["jwt"]).Claims["roles"]'


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (f'{ROLES}.Any(role => role == "Admin")', True),
        (f'{ROLES}.Any(role => role == "Owner") || {ROLES}.All(r => r.Length > 4)', True),
        (f'{ROLES}.Where(r => r.StartsWith("A")).Count()', 1),
        (f'{ROLES}.Count(r => r.Contains("e")) == 1 ? "one" : "more"', "one"),
        (f'{ROLES}.Select(r => r.ToLower()).Contains("admin")', True),
        (f'{ROLES}.FirstOrDefault(r => r == "x") ?? "nobody"', "nobody"),
        (f'{ROLES}.Any(r => {ROLES}.Any(other => other == r && r == "Admin"))', True),
        ('((Jwt)context.Variables["jwt"]).Claims.Any(c => c.Key == "roles" && c.Value.Contains("Admin"))', True),
        (f"{SCOPES}.First().Split(' ').ToList().Any(scope => scope == \"Orders.Write\")", True),
        ('false && context.Variables["none"].Any(r => r == context.Product.Id)', False),
        ('bool.Parse(" True ") && Convert.ToBoolean("true") && Convert.ToInt32("-7") < 3', True),
    ],
)
def test_what_is_decided(code: str, expected: Any) -> None:
    assert evaluate(code, CONTEXT) == expected


@pytest.mark.parametrize(
    "code",
    [
        f"{ROLES}.Any(role => role)",
        f"{ROLES}.Any(role => context.Product.Id == role)",
        f'{ROLES}.First(role => role == "x")',
        f"{ROLES}.OrderBy(role => role)",
        f"{ROLES}.Any(role =>)",
        f"{ROLES}.Any(role => role == other)",
        f'{ROLES}.Any(role => true) && role == "Admin"',
        'bool.Parse("yes")',
        'context.Variables["jwt"].TryParseJwt(out jwt)',
    ],
)
def test_what_is_not_decided(code: str) -> None:
    with pytest.raises(UndecidedError):
        evaluate(code, CONTEXT)


@pytest.mark.parametrize("declared", ["Jwt jwt; if ({}out jwt))", "if ({}out Jwt jwt))", "if ({}out var jwt))"])
@pytest.mark.parametrize(("header", "expected"), [("Authorization", "t"), ("Missing", "none")])
def test_a_token_that_is_read_into_a_variable(declared: str, header: str, expected: str) -> None:
    condition = declared.format(f'context.Request.Headers.GetValueOrDefault("{header}", "").TryParseJwt(')

    code = f'{condition} {{ return jwt.Claims.GetValueOrDefault("tid", ""); }} return "none";'

    assert evaluate_block(code, CONTEXT) == expected


def test_lambdas_in_lambdas_end() -> None:
    code = ROLES
    for number in range(20):
        code = f"{ROLES}.Any(r{number} => {code}.Any(x => true))"

    with pytest.raises(UndecidedError):
        evaluate(code, CONTEXT)
