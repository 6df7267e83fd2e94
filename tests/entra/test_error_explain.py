"""How a known error is put into words, and what Azure says of a caller outside of tokens."""

from __future__ import annotations

import base64
import json
from typing import ClassVar

import pytest

from claimlens.entra.errors import (
    activity_log_claims,
    decode_client_principal,
    explain,
    recognise,
    short_claim_name,
)
from claimlens.entra.errors.catalogue import entries

ROLE = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"
AUDIENCES = (
    "IDX10214: Audience validation failed. Audiences: 'api://orders'. Did not match: "
    "validationParameters.ValidAudience: 'orders' or validationParameters.ValidAudiences: 'null'."
)


class TestExplain:
    def test_it_names_code_product_causes_and_link(self) -> None:
        explanation = explain(recognise(AUDIENCES)[0], {"audience-mismatch": "Other audience"})

        assert explanation.title == "IDX10214 (Microsoft.IdentityModel)"
        assert explanation.causes[0].code == "audience-mismatch"
        assert explanation.causes[0].title == "Other audience"
        assert explanation.causes[1].title == "Audience guid vs app id uri"
        assert explanation.link is not None
        assert explanation.fix

    def test_values_that_belong_together_stand_side_by_side(self) -> None:
        (comparison,) = explain(recognise(AUDIENCES)[0]).comparisons

        assert (comparison.title, comparison.found, comparison.expected) == ("Audience", ("api://orders",), ("orders",))

    def test_other_values_are_listed_by_their_titles(self) -> None:
        text = "AADSTS500011: The resource principal named api://orders was not found in the tenant named Contoso. This"
        explanation = explain(recognise(text)[0])

        assert [(value.title, value.texts) for value in explanation.values] == [
            ("Resource", ("api://orders",)),
            ("Tenant", ("Contoso",)),
        ]

    def test_a_key_alone_is_listed_and_not_compared(self) -> None:
        text = "IDX10501: Signature validation failed. Unable to match key: kid: 'abcdefghij'."
        explanation = explain(recognise(text)[0])

        assert explanation.comparisons == ()
        assert [(value.name, value.texts) for value in explanation.values] == [("kid", ("abcdefghij",))]

    def test_a_message_without_a_code_is_titled_by_its_product(self) -> None:
        assert explain(recognise("JsonWebTokenError: jwt expired")[0]).title == "jsonwebtoken"

    def test_it_says_how_to_show_hidden_values(self) -> None:
        text = AUDIENCES.replace("api://orders", "[PII is hidden]").replace("'orders'", "'[PII is hidden]'")
        explanation = explain(recognise(text)[0])

        assert explanation.hidden is not None
        assert "ShowPII" in explanation.hidden.fix
        assert explanation.comparisons == ()

    def test_every_entry_can_be_explained(self) -> None:
        for entry in entries():
            for mention in recognise(entry.example):
                assert explain(mention).meaning == mention.entry.meaning

    def test_values_do_not_appear_in_representations(self) -> None:
        mention = recognise(AUDIENCES)[0]

        assert "api://orders" not in repr(mention)
        assert "api://orders" not in repr(explain(mention))


class TestClientPrincipal:
    DOCUMENT: ClassVar = {
        "auth_typ": "aad",
        "name_typ": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        "role_typ": ROLE,
        "claims": [
            {"typ": "http://schemas.microsoft.com/identity/claims/objectidentifier", "val": "1"},
            {"typ": "roles", "val": "Reader"},
            {"typ": "roles", "val": "Writer"},
        ],
    }

    def test_base64_is_decoded_and_claims_have_short_names(self) -> None:
        principal = decode_client_principal(base64.b64encode(json.dumps(self.DOCUMENT).encode()).decode())

        assert principal is not None
        assert principal.authentication_type == "aad"
        assert principal.claims == {"oid": ("1",), "roles": ("Reader", "Writer")}

    def test_roles_under_another_type_than_the_role_type_are_not_found(self) -> None:
        principal = decode_client_principal(json.dumps(self.DOCUMENT))
        fitting = decode_client_principal(json.dumps(self.DOCUMENT | {"role_typ": "roles"}))

        assert principal is not None
        assert fitting is not None
        assert (principal.roles_are_found, fitting.roles_are_found) == (False, True)

    @pytest.mark.parametrize(
        "text", ["", "abc", "eyJhbGciOiJub25lIn0", "W10=", "{}", '{"claims": 1}', '{"claims": [1]}x']
    )
    def test_anything_else_is_none(self, text: str) -> None:
        assert decode_client_principal(text) is None

    def test_members_of_a_wrong_type_do_no_harm(self) -> None:
        principal = decode_client_principal('{"claims": [1, {"val": 2}, {"typ": 3, "val": null}]}')

        assert principal is not None
        assert principal.claims == {"3": ("None",)}


class TestActivityLog:
    CLAIMS: ClassVar = {
        "aud": "https://management.azure.com/",
        "http://schemas.microsoft.com/identity/claims/tenantid": "t",
    }

    @pytest.mark.parametrize("entry", [{"claims": CLAIMS}, {"Claims": json.dumps(CLAIMS)}])
    def test_long_names_become_short_ones(self, entry: dict[str, object]) -> None:
        assert activity_log_claims(entry) == {"aud": "https://management.azure.com/", "tid": "t"}

    @pytest.mark.parametrize("entry", [{}, {"claims": 1}, {"claims": "no JSON"}, {"claims": "[]"}])
    def test_an_entry_without_claims_has_none(self, entry: dict[str, object]) -> None:
        assert activity_log_claims(entry) is None

    def test_an_unknown_name_stays(self) -> None:
        assert short_claim_name("extn.department") == "extn.department"
        assert short_claim_name(ROLE) == "roles"
