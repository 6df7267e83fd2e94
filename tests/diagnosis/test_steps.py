"""Who answered: told by what was said, not by what was sent or configured, nor against the address that was asked."""

from __future__ import annotations

import pytest

from claimlens.diagnosis.case import Case
from claimlens.diagnosis.diagnose import diagnose
from claimlens.diagnosis.model import StepVerdict
from tests.support.scenarios import NOW

POLICY = "<policies><inbound><validate-jwt header-name='Authorization' /></inbound></policies>"
REFUSED = "HTTP/1.1 401 Unauthorized\n\n"


@pytest.mark.parametrize(
    ("files", "who"),
    [
        ((("response.txt", REFUSED + '{ "statusCode": 401, "message": "No." }'),), "API Management"),
        ((("policy.xml", POLICY), ("response.txt", REFUSED)), None),
        ((("request.http", "GET https://a.example/\nOcp-Apim-Subscription-Key: x\n"),), None),
        ((("response.txt", REFUSED + '{"error": {"code": "InvalidAuthenticationToken"}}'),), "Microsoft Graph"),
        (
            (
                ("request.http", "GET https://orders.contoso.com/a\nAuthorization: Bearer x\n"),
                ("response.txt", REFUSED + '{"error": {"code": "InvalidAuthenticationToken"}}'),
            ),
            None,
        ),
    ],
)
def test_who_answered(files: tuple[tuple[str, str], ...], who: str | None) -> None:
    answered = diagnose(Case.of(files, NOW)).steps[0]

    assert answered.step == "answered-by"
    if who is None:
        assert answered.verdict is StepVerdict.UNKNOWN
    else:
        assert answered.summary == f"The answer comes from {who}."
