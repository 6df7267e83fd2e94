"""The catalogue: every file has the shape its readers expect, nothing twice, and a source for everything."""

import json
import re
import subprocess
import sys
import time
from importlib import resources

import pytest
from jsonschema import Draft202012Validator

from claimlens.entra import application, directory_role, known_claims, opaque_token, permission, tenant
from claimlens.entra.data import load
from claimlens.entra.issuers import LONGEST_ISSUER, issuer_rules

GUID = "[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"
TEXT = {"type": "string", "minLength": 1, "pattern": r"^\S(.*\S)?$"}
TEXTS = {"type": "array", "items": TEXT, "uniqueItems": True}
CONFIDENCE = {"enum": ["high", "medium", "low"]}
SENTENCE = {"type": "string", "pattern": r"^\S.*[.:?]$"}


def entry(required, optional=None):
    """Return the schema of an object with these members and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def listing(item):
    return {"type": "array", "items": item, "minItems": 1}


CLAIM = entry(
    {"meaning": SENTENCE, "source": {"type": "string", "pattern": "^https://"}, "confidence": CONFIDENCE},
    {
        "gotcha": SENTENCE,
        "kind": {
            "enum": [
                *("time", "audience", "application", "tenant", "issuer", "scopes", "roles", "wids"),
                *("coded", "coded-words", "request-id", "list"),
            ]
        },
    },
)
IDENTIFIED = {"id": {"type": "string", "pattern": f"^{GUID}$"}, "name": TEXT}
SCHEMAS = {
    "claims": entry(
        {
            "about": TEXT,
            "header": {"type": "object", "additionalProperties": CLAIM},
            "payload": {"type": "object", "additionalProperties": CLAIM},
            "prefixes": listing(
                entry(
                    {"prefix": TEXT, "meaning": SENTENCE, "source": TEXT, "confidence": CONFIDENCE},
                    {"gotcha": SENTENCE},
                )
            ),
            "aliases_source": TEXT,
            "aliases": {"type": "object", "additionalProperties": TEXT},
        }
    ),
    "issuers": entry(
        {
            "about": TEXT,
            "issuers": listing(
                entry(
                    {
                        "id": {"type": "string", "pattern": "^[a-z0-9-]+$"},
                        "name": TEXT,
                        "family": TEXT,
                        "pattern": TEXT,
                        "metadata": TEXTS,
                        "keys": TEXT,
                        "verifiable": {"type": "boolean"},
                        "quirks": {"type": "array", "items": SENTENCE},
                        "examples": {**TEXTS, "minItems": 1},
                        "sources": {**TEXTS, "minItems": 1},
                        "confidence": CONFIDENCE,
                    },
                    {
                        "cloud": {"enum": ["global", "usgov", "china", "germany"]},
                        "expected_issuers": TEXTS,
                        "key_urls": TEXTS,
                        "per_key_issuer": {"type": "boolean"},
                        "application_keys": {"type": "boolean"},
                        "reason": SENTENCE,
                    },
                )
            ),
        }
    ),
    "applications": entry(
        {
            "about": TEXT,
            "applications": listing(
                entry(
                    {**IDENTIFIED, "role": {"enum": ["resource", "client"]}, "source": TEXT, "confidence": CONFIDENCE},
                    {
                        "audiences": {
                            "type": "object",
                            "propertyNames": {"enum": ["global", "usgov", "china"]},
                            "additionalProperties": {**TEXTS, "minItems": 1},
                        },
                        "note": SENTENCE,
                    },
                )
            ),
        }
    ),
    "tenants": entry({"about": TEXT, "tenants": listing(entry({**IDENTIFIED, "note": SENTENCE, "source": TEXT}))}),
    "directory_roles": entry(
        {
            "about": TEXT,
            "source": TEXT,
            "roles": listing(entry(IDENTIFIED, {"privileged": {"const": True}})),
            "markers": listing(entry({**IDENTIFIED, "note": SENTENCE, "source": TEXT, "confidence": CONFIDENCE})),
        }
    ),
    "graph_permissions": entry(
        {
            "about": TEXT,
            "source": TEXT,
            **{
                name: listing(
                    {
                        "type": "array",
                        "prefixItems": [TEXT, IDENTIFIED["id"], TEXT, {"type": "boolean"}],
                        "minItems": length,
                        "maxItems": length,
                    }
                )
                for name, length in (("delegated", 4), ("application", 3))
            },
        }
    ),
    "authentication": entry(
        {
            "about": TEXT,
            "source": TEXT,
            "values": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": TEXT}},
        }
    ),
    "opaque_tokens": entry(
        {
            "about": TEXT,
            "tokens": listing(
                entry(
                    {
                        "name": TEXT,
                        "pattern": TEXT,
                        "note": SENTENCE,
                        "example": TEXT,
                        "source": TEXT,
                        "confidence": CONFIDENCE,
                    }
                )
            ),
        }
    ),
    "providers": entry(
        {
            "about": TEXT,
            "providers": listing(entry({"name": TEXT, "hosts": {**TEXTS, "minItems": 1}, "source": TEXT})),
        }
    ),
}


def test_every_data_file_has_a_schema():
    files = {path.name.removesuffix(".json") for path in resources.files("claimlens.entra.data").iterdir()}

    assert {name for name in files if not name.startswith("_")} == set(SCHEMAS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_data_file_has_the_shape_its_readers_expect(name):
    problems = [
        f"{error.json_path}: {error.message}" for error in Draft202012Validator(SCHEMAS[name]).iter_errors(load(name))
    ]

    assert problems == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_no_member_is_written_twice_in_an_object(name):
    def unique(pairs):
        names = [key for key, _ in pairs]
        assert len(names) == len(set(names)), sorted(key for key in names if names.count(key) > 1)
        return dict(pairs)

    text = resources.files("claimlens.entra.data").joinpath(f"{name}.json").read_text(encoding="utf-8")

    assert json.loads(text, object_pairs_hook=unique)


@pytest.mark.parametrize(
    ("name", "members", "key"),
    [
        ("issuers", "issuers", "id"),
        ("issuers", "issuers", "name"),
        ("applications", "applications", "id"),
        ("tenants", "tenants", "id"),
        ("directory_roles", "roles", "id"),
        ("directory_roles", "markers", "id"),
        ("providers", "providers", "name"),
        ("graph_permissions", "delegated", 0),
        ("graph_permissions", "application", 0),
    ],
)
def test_ids_are_unique(name, members, key):
    keys = [item[key] for item in load(name)[members]]

    assert len(keys) == len(set(keys)), sorted({value for value in keys if keys.count(value) > 1})


def test_no_two_applications_share_an_audience():
    audiences = [
        audience.rstrip("/")
        for known in load("applications")["applications"]
        for uris in known.get("audiences", {}).values()
        for audience in uris
    ]

    assert sorted({audience for audience in audiences if audiences.count(audience) > 1}) == []


def test_long_claim_names_stand_for_known_claims():
    catalogue = load("claims")

    assert set(catalogue["aliases"].values()) <= set(catalogue["payload"])


def test_the_catalogue_is_as_large_as_it_was_meant_to_be():
    assert len(known_claims("header")) >= 14
    assert len(known_claims()) + len(load("claims")["aliases"]) >= 175
    assert len(issuer_rules()) >= 44
    assert len(load("directory_roles")["roles"]) >= 120
    assert len(load("graph_permissions")["delegated"]) >= 800
    assert len(load("graph_permissions")["application"]) >= 700


@pytest.mark.parametrize("known", load("issuers")["issuers"], ids=lambda known: known["id"])
def test_an_issuer_rule_is_the_first_to_match_its_own_examples(known):
    for example in known["examples"]:
        winners = [rule.id for rule in issuer_rules() if rule.pattern.fullmatch(example)]

        assert winners[0] == known["id"]


@pytest.mark.parametrize("known", load("issuers")["issuers"], ids=lambda known: known["id"])
def test_an_issuer_template_needs_only_what_the_pattern_gives(known):
    given = {*re.compile(known["pattern"]).groupindex, "iss", "base", "policy"}
    templates = [*known["metadata"], *known.get("key_urls", ()), *known.get("expected_issuers", ())]
    needed = {name for template in templates for name in re.findall(r"\{([a-z]+)\}", template)}

    assert needed <= given
    assert known["metadata"] or known.get("key_urls") or not known["verifiable"]
    assert known["verifiable"] or known["reason"]


@pytest.mark.parametrize("rule", issuer_rules(), ids=lambda rule: rule.id)
def test_an_issuer_pattern_takes_linear_time_on_long_hostile_input(rule):
    """Twice the input may take about twice the time, not four times; measured on inputs that nearly match."""
    for seed in hostile_seeds(rule.id):
        short, long = (min(elapsed(rule.pattern, seed(length)) for _ in range(3)) for length in (20_000, 80_000))

        assert long < 0.05 or long < 12 * short


def hostile_seeds(rule_id):
    example = next(known["examples"][0] for known in load("issuers")["issuers"] if known["id"] == rule_id)
    middle = max(len(example) - 5, 1)
    for filler in ("a", "0", "-", ".", "a.", "a-", "/", "/a", "@", "a@", "{", "é"):
        yield lambda length, filler=filler: example + filler * length + "\n"
        yield lambda length, filler=filler: example[:middle] + filler * length + "\n"
        yield lambda length, filler=filler: "https://" + filler * length + "\n"


def elapsed(pattern, text):
    start = time.process_time()
    pattern.fullmatch(text)
    return time.process_time() - start


def test_an_issuer_longer_than_any_real_one_is_not_even_tried():
    assert LONGEST_ISSUER < 20_000


def test_names_are_found():
    assert application("00000003-0000-0000-C000-000000000000").name == "Microsoft Graph"
    assert application("https://graph.microsoft.com/").name == "Microsoft Graph"
    assert application("https://graph.microsoft.us").cloud == "usgov"
    assert application("spn:6dae42f8-4368-4678-94ff-3960e28e3630").name == "AKS Microsoft Entra Server"
    assert application("api://499b84ac-1321-427f-aa17-267ca6975798").name == "Azure DevOps"
    assert application("https://contoso.sharepoint.com").name == "Office 365 SharePoint Online"
    assert application("00000003-0000-0ff1-ce00-000000000000/contoso.sharepoint.com@contoso").id.startswith("00000003")
    assert application("https://contoso.crm4.dynamics.com/").name == "Dataverse / Dynamics CRM"
    assert application("https://contoso.sharepoint.com.evil.example") is None
    assert application("api://00000003-0000-0000-c000-000000000000x") is None
    assert application("api://orders") is None
    assert tenant("9188040D-6C67-4C5B-B112-36A304B66DAD").name == "Personal Microsoft accounts"
    assert directory_role("62e90394-69f5-4237-9190-012177145e10").privileged
    assert directory_role("b79fbf4d-3ef9-4689-8143-76b194e85509").marker
    assert permission("user.read", "delegated").title == "Sign in and read user profile"
    assert permission("User.Read.All", "application").admin_consent


@pytest.mark.parametrize("value", [None, 1, [], {}, True, "", "x" * 10**6, "\ud800", {"a": 1}])
def test_looking_up_a_hostile_value_finds_nothing(value):
    assert application(value) is None
    assert tenant(value) is None
    assert directory_role(value) is None
    assert permission(value, "delegated") is None


@pytest.mark.parametrize("known", load("opaque_tokens")["tokens"], ids=lambda known: known["name"])
def test_a_credential_that_is_no_jwt_is_recognised_by_its_beginning(known):
    assert opaque_token(known["example"]).name == known["name"]


@pytest.mark.parametrize("text", ["", "Bearer", "eyJhbGciOiJub25lIn0.e30.", "EwB", "0.5", "x ya29.a0Aexampleexample"])
def test_other_texts_are_not_taken_for_one(text):
    assert opaque_token(text) is None


READS = """
import sys
from pathlib import Path

opened = []
sys.addaudithook(lambda event, args: event == "open" and str(args[0]).endswith(".json") and opened.append(args[0]))

def newly_read():
    names = sorted(Path(path).stem for path in opened)
    opened.clear()
    return ",".join(names) or "nothing"

from datetime import UTC, datetime
from claimlens.entra import profile
from tests.support.tokens import token_of
print(newly_read())
profile(token_of({"iss": "https://idp.example", "aud": "api://x", "scp": "User.Read"}), datetime.now(UTC))
print(newly_read())
profile(token_of({"aud": "https://graph.microsoft.com", "scp": "User.Read"}), datetime.now(UTC))
print(newly_read())
"""


def test_a_data_file_is_read_when_it_is_needed_and_not_before(pytestconfig):
    """The permissions of Microsoft Graph, by far the largest, are read for its tokens alone."""
    answer = subprocess.run(
        [sys.executable, "-c", READS], cwd=pytestconfig.rootpath, capture_output=True, text=True, check=True
    )

    assert answer.stdout.split() == ["nothing", "applications,issuers", "graph_permissions"]
