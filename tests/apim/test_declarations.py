"""What files declare for policies: each way that named values and fragments are written down, and hostile ones."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.apim.declarations import Declaration, Declared, NameKind, Strength
from claimlens.apim.declarations.notation import BICEP, JSON, TERRAFORM, read_objects
from claimlens.apim.declarations.parameters import is_sensitive, parameter_value
from claimlens.apim.declarations.read import read_declarations
from claimlens.apim.declarations.renaming import Renaming, plan
from claimlens.apim.declarations.uses import names_used
from claimlens.services.files import path_of
from claimlens.text.spans import Span

NAMED_VALUES = "Microsoft.ApiManagement/service/namedValues@2024-05-01"
FRAGMENTS = "Microsoft.ApiManagement/service/policyFragments@2024-05-01"
ARTIFACT = "named values/a/namedValueInformation.json"
CONFIGURATION = """
apis:
- name: no
namedValues:
- name: one
  properties:
    displayName: two
x:
  name: no
"""
TERRAFORM_VALUE = 'resource "azurerm_api_management_named_value" "x" {{\n  name = "id"\n  {}\n}}\n'


def read(text: str, path: str = "file:///infra/main.bicep") -> list[Declaration]:
    return list(read_declarations(path, text))


def only(text: str, path: str = "file:///infra/main.bicep") -> Declaration:
    [found] = read(text, path)
    return found


def bicep(properties: str, name: str = "'id'", kind: str = NAMED_VALUES, rest: str = "") -> str:
    return (
        f"{rest}\nresource r '{kind}' = {{\n  parent: apim\n  name: {name}\n  properties: {{\n{properties}\n  }}\n}}\n"
    )


def arm(resource: str, rest: str = "") -> str:
    return f'{{"$schema": "x", {rest} "resources": [{resource}]}}'


# Artifacts of APIOps


@pytest.mark.parametrize("folder", ["named values", "namedValues", "named%20values"])
def test_a_named_value_of_apiops(folder: str) -> None:
    text = '{"properties": {"displayName": "tenant-id", "value": "contoso", "tags": []}}'
    found = only(text, f"file:///apim/{folder}/629a/namedValueInformation.json")

    assert (found.kind, found.name, found.resource, found.value) == (
        NameKind.NAMED_VALUE,
        "tenant-id",
        "629a",
        "contoso",
    )
    assert found.span is not None
    assert found.span.slice(text) == "tenant-id"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"properties": {}}'])
def test_a_damaged_named_value_has_the_name_of_its_folder(text: str) -> None:
    found = only(text, "file:///named values/key/namedValueInformation.json")
    assert (found.name, found.value, found.span) == ("key", None, None)


@pytest.mark.parametrize(
    "more",
    [
        '"secret": true, "value": "hush"',
        '"secret": "[parameters(\'x\')]", "value": "hush"',
        '"value": "hush", "keyVault": {"secretIdentifier": "https://v.vault.azure.net/secrets/x"}',
    ],
)
def test_a_secret_is_marked_and_not_kept(more: str) -> None:
    text = f'{{"properties": {{"displayName": "key", {more}}}}}'
    found = only(text, "file:///named values/key/namedValueInformation.json")
    assert found.secret
    assert found.value is None
    assert "hush" not in repr(found)


def test_a_fragment_of_apiops() -> None:
    folder = "file:///apim/policy%20fragments/authenticate"
    for name, text in (("policyFragmentInformation.json", '{"properties": {}}'), ("policy.xml", "<fragment/>")):
        found = only(text, f"{folder}/{name}")
        assert (found.kind, found.name, found.strength) == (NameKind.FRAGMENT, "authenticate", Strength.DECLARES)
        assert found.content_path == f"{folder}/policy.xml"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("file:///p/auth.xml", "auth"),
        ("file:///p/auth.fragment.xml", "auth"),
        ("file:///p/auth.policy.xml", "auth"),
        ("file:///p/auth/policy.xml", "auth"),
        ("file:///p/auth/fragment.xml", "auth"),
    ],
)
def test_a_file_with_a_fragment_mentions_it(path: str, name: str) -> None:
    found = only("<!-- x -->\n<fragment>\n  <cors />\n</fragment>", path)
    assert (found.name, found.strength, found.content_path) == (name, Strength.MENTIONS, path)
    assert read("<fragments />", path) == []


# Bicep


def test_a_named_value_of_bicep() -> None:
    text = bicep("    displayName: 'tenant-id'\n    value: 'contoso' // ours")
    found = only(text)
    assert (found.name, found.resource, found.value, found.secret) == ("tenant-id", "id", "contoso", False)
    assert found.span is not None
    assert found.span.slice(text) == "tenant-id"


@pytest.mark.parametrize(
    ("properties", "name", "rest"),
    [
        ("displayName: 'x'", "'a'", ""),
        ("displayName: named", "named", "var named = 'x'"),
        ("value: 'y'", "'${apim.name}/x'", ""),
        ("value: 'y'", "'x'", "/* resource\n'{' */"),
        ("displayName: 'x'", "'${toLower('a{b}')}'", ""),
        ("displayName: 'x', value: '''a ' b'''", "'a'", ""),
        ("value: cond ? 'a' : 'b'\ntags: [\n 'displayName: q'\n]\ndisplayName: 'x'", "'a'", ""),
    ],
)
def test_names_of_bicep(properties: str, name: str, rest: str) -> None:
    assert only(bicep(properties, name, rest=rest)).name == "x"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (bicep("displayName: '${environment}-x'"), "*-x"),
        (bicep("displayName: given"), "*"),
        (bicep("displayName: given", rest="param given string = 'x'"), "*"),
        (f"resource r '{NAMED_VALUES}' = [for a in all: {{\n  name: a.name\n}}]", "*"),
        (f"resource r '{NAMED_VALUES}' = [for (a, i) in all: if (a.on) {{\n  name: '${{a.name}}-${{i}}'\n}}]", "*-*"),
        (f"resource r '{NAMED_VALUES}' = {{ name: 'x'\n properties: given }}", "*"),
    ],
)
def test_names_that_are_put_together_keep_what_is_known(text: str, name: str) -> None:
    found = only(text)
    assert (found.name, found.is_exact, found.span) == (name, False, None)


LOOP = f"resource r '{NAMED_VALUES}' = "
NAMES = "[\n  {\n    name: 'one'\n    value: 'v'\n  }\n  { name: 'two', value: 'v' }\n]"


@pytest.mark.parametrize(
    ("loop", "name", "more"),
    [
        ("a in all", "a.name", f"var all = {NAMES}\n"),
        (f"(a, i) in {NAMES}", "a.name", ""),
        ("a in ['one', 'two']", "'${apim.name}/${a}'", ""),
        ("a in items(all)", "a.key", "var all = {\n  one: 'v'\n  two: 'v'\n}\n"),
    ],
)
@pytest.mark.parametrize("condition", ["", "if (a != null) "])
def test_a_loop_of_bicep_over_what_is_written_out(loop: str, name: str, more: str, condition: str) -> None:
    text = f"{more}{LOOP}[for {loop}: {condition}{{\n  name: {name}\n  properties: {{ value: 'v' }}\n}}]\n"
    found = read(text)
    assert [each.name for each in found] == ["one", "two"]
    assert {(each.strength, each.value) for each in found} == {(Strength.DECLARES, "v")}
    for each in found:
        assert each.span is None or each.span.slice(text) == each.name


def test_a_loop_gives_values_and_parts_of_names() -> None:
    one, two = read(f"{LOOP}[for a in {NAMES}: {{\n name: '${{a.name}}-x'\n properties: {{ value: a.value }} }}]")
    assert [(one.name, one.span, one.value), (two.name, two.span, two.value)] == [
        ("one-x", None, "v"),
        ("two-x", None, "v"),
    ]


@pytest.mark.parametrize(
    ("over", "name", "more"),
    [
        ('{ one = "v", two = "v" }', "each.key", ""),
        ('{\n    "one" = { value = "v" }\n    "two" = { value = "v" }\n  }', "each.key", ""),
        ('toset(["one", "two"])', "each.value", ""),
        ("local.all", "each.key", 'locals {\n  all = {\n    one = "v"\n    two = "v"\n  }\n}\n'),
        (
            "{ for nv in local.all : nv.name => nv }",
            "each.value.name",
            'locals {\n  all = [{ name = "one", value = "v" }, { name = "two", value = "v" }]\n}\n',
        ),
    ],
)
def test_a_loop_of_terraform_over_what_is_written_out(over: str, name: str, more: str) -> None:
    text = TERRAFORM_VALUE.format(f'for_each = {over}\n  display_name = {name}\n  value = "v"') + more
    found = read(text, "file:///main.tf")
    assert [(each.name, each.strength) for each in found] == [("one", Strength.DECLARES), ("two", Strength.DECLARES)]
    for each in found:
        assert each.span is not None
        assert each.span.slice(text) == each.name


def test_a_loop_over_what_may_be_given_otherwise_only_mentions() -> None:
    text = f"param all array = ['one']\n{LOOP}[for a in all: {{\n  name: a\n}}]"
    assert [(each.name, each.strength) for each in read(text)] == [
        ("*", Strength.DECLARES),
        ("one", Strength.MENTIONS),
    ]


def test_a_child_of_a_service_and_one_that_exists() -> None:
    text = (
        "resource apim 'Microsoft.ApiManagement/service@2024-05-01' = {\n  name: 'apim'\n"
        "  resource one 'namedValues' = {\n    name: 'inner'\n    properties: { displayName: 'inner' }\n  }\n}\n"
        f"resource other '{NAMED_VALUES}' existing = {{\n  name: 'other'\n}}\n"
        "resource no 'Microsoft.Web/sites/config@2023-01-01' = {\n  name: 'namedValues'\n}\n"
    )
    assert {each.name: each.strength.value for each in read(text)} == {"inner": "declares", "other": "mentions"}


def test_parameters_carry_values_and_secrets() -> None:
    text = bicep("displayName: 'a', value: plain", rest="param plain string = 'default'\n")
    assert (only(text).value, only(text).parameter) == ("default", "plain")
    text = bicep("displayName: 'a', value: hidden", rest="@description('x')\n@secure()\nparam hidden string = 'hush'\n")
    assert (only(text).value, only(text).secret) == (None, True)


@pytest.mark.parametrize(
    ("value", "path", "inline"),
    [
        ("loadTextContent('./policies/a b.xml')", "file:///infra/policies/a%20b.xml", None),
        ("replace(loadTextContent('../a.xml'), '#x#', y)", "file:///a.xml", None),
        ("'''\n<fragment><cors /></fragment>'''", None, "\n<fragment><cors /></fragment>"),
        ("held", "file:///infra/held.xml", None),
        (r"loadTextContent('.\\policies\\a.xml')", "file:///infra/policies/a.xml", None),
        ("given", None, None),
    ],
)
def test_a_fragment_of_bicep(value: str, path: str | None, inline: str | None) -> None:
    text = bicep(f"format: 'rawxml'\nvalue: {value}", "'auth'", FRAGMENTS, "var held = loadTextContent('held.xml')\n")
    found = only(text)
    assert (found.kind, found.name, found.content_path) == (NameKind.FRAGMENT, "auth", path)
    assert (found.inline.slice(text) if found.inline else None) == inline


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("module m 'a' = { params: { namedValues: [{ name: 'x'\ndisplayName: 'y' }] } }", ["x", "y"]),
        ("module m 'a' = { params: { namedValues: given } }", ["*"]),
        ("var namedValues = [\n  { name: 'x', value: 'y' }\n  { name: '${p}-z', value: 'y' }\n]", ["x", "*-z"]),
        ("var p = replace(loadTextContent('p.xml'), '{{client}}', id)", ["client"]),
        ("var p = replace(replace(t, '__x__', '{{a}}'), '{{', '{{${prefix}')", ["*", "a"]),
    ],
)
def test_what_modules_and_replacements_mention(text: str, names: list[str]) -> None:
    found = read(text)
    assert [each.name for each in found] == names
    assert {each.strength for each in found} == {Strength.MENTIONS}


# ARM templates


@pytest.mark.parametrize(
    ("resource", "rest", "name"),
    [
        ('"name": "[concat(parameters(\'s\'), \'/x\')]", "properties": {"displayName": "x"}', "", "x"),
        ("\"name\": \"[concat(parameters('s'), '/x')]\"", "", "x"),
        ("\"name\": \"[format('{0}/{1}', parameters('s'), 'x')]\"", "", "x"),
        ('"name": "a/b", "properties": {"displayName": "[variables(\'n\')]"}', '"variables": {"n": "x"},', "x"),
        ('"name": "a/b", "properties": {"displayName": "[parameters(\'n\')]"}', "", "*"),
        ("\"name\": \"[concat(parameters('s'), '/', parameters('e'), '-x')]\"", "", "*-x"),
    ],
)
def test_a_named_value_of_an_arm_template(resource: str, rest: str, name: str) -> None:
    text = arm(f'{{"type": "Microsoft.ApiManagement/service/namedValues", {resource}}}', rest)
    assert only(text, "file:///azuredeploy.json").name == name


def test_parameters_and_fragments_of_an_arm_template() -> None:
    parameters = '"parameters": {"p": {"type": "string", "defaultValue": "v"}, "s": {"type": "secureString"}},'
    named = (
        '{{"type": "namedValues", "name": "{0}",'
        ' "properties": {{"displayName": "{0}", "value": "[parameters(\'{0}\')]"}}}}'
    )
    fragment = (
        '{"type": "Microsoft.ApiManagement/service/policyFragments", "name": "a/f",'
        ' "properties": {"value": "<fragment><cors/></fragment>"}}'
    )
    text = arm(", ".join((named.format("p"), named.format("s"), fragment)), parameters)
    plain, secret, held = read(text, "file:///azuredeploy.json")
    assert (plain.value, plain.parameter, plain.secret) == ("v", "p", False)
    assert (secret.value, secret.parameter, secret.secret) == (None, "s", True)
    assert held.inline is not None
    assert held.inline.slice(text) == "<fragment><cors/></fragment>"


# Terraform


@pytest.mark.parametrize(
    ("body", "name", "value", "secret"),
    [
        ('display_name = "x"\n  value = "v"', "x", "v", False),
        ('display_name = "x"\n  value = "v"\n  secret = true', "x", None, True),
        ('display_name = "x"\n  secret = var.secret\n  value = "v"', "x", None, True),
        ('display_name = "x"\n  value_from_key_vault {\n    secret_id = "s"\n  }', "x", None, True),
        ('display_name = "${var.env}-x" # a { comment', "*-x", None, False),
        ('display_name = "${var.a["q"]}-${each.key}"', "*-*", None, False),
        ("display_name = each.key", "*", None, False),
        ("display_name = local.shown", "x", None, False),
        ('value = "%{ if a }v%{ endif }"', "id", None, False),
    ],
)
def test_a_named_value_of_terraform(body: str, name: str, value: str | None, secret: bool) -> None:
    found = only(TERRAFORM_VALUE.format(body) + 'locals { shown = "x" }\n', "file:///main.tf")
    assert (found.name, found.value, found.secret) == (name, value, secret)


def test_fragments_of_terraform() -> None:
    text = (
        'resource "azurerm_api_management_policy_fragment" "a" {\n  name = "one"\n'
        '  value = templatefile("${path.module}/f/one.xml", { a = "b" })\n}\n'
        f'resource "azapi_resource" "b" {{\n  type = "{FRAGMENTS}"\n  name = "two"\n'
        "  body = jsonencode({\n    properties = {\n      value = <<EOT\n<fragment />\nEOT\n    }\n  })\n}\n"
        f'resource "azapi_resource" "c" {{\n  type = "{NAMED_VALUES}"\n  name = "id"\n'
        '  body = { properties = { displayName = "three", value = "v" } }\n}\n'
    )
    one, two, three = read(text, "file:///m/main.tf")
    assert (one.name, one.content_path) == ("one", "file:///m/f/one.xml")
    assert two.name == "two"
    assert two.inline is not None
    assert two.inline.slice(text) == "<fragment />\n"
    assert (three.name, three.value, three.resource) == ("three", "v", "id")


# Escapes


@pytest.mark.parametrize("start", ["//", "%2F%2F", "///", "////", "//[", "./..//../..//"])
def test_a_fragment_is_never_read_from_another_host(start: str) -> None:
    content = f"{start}elsewhere.example/share/policy.xml"
    found = Declaration(NameKind.FRAGMENT, "auth", content=content, path="file:///m/main.bicep").content_path

    assert found is None or not str(path_of(found)).startswith(("//", "\\\\"))


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("a.bicep", bicep(r"value: 'it\'s \\ \${x} \u{1F600}\n'"), "it's \\ ${x} \U0001f600\n"),
        ("a.bicep", bicep(r"value: '''a\n'''"), r"a\n"),
        ("a.tf", TERRAFORM_VALUE.format(r'value = "say \"$${x}\" \u00e9"'), 'say "${x}" \u00e9'),
        (ARTIFACT, r'{"properties": {"value": "\"\ud83d\ude00\/\ud83d"}}', '"\U0001f600/\ufffd'),
    ],
)  # fmt: skip
def test_values_are_without_escapes(path: str, text: str, value: str) -> None:
    assert only(text, f"file:///{path}").value == value


# Scripts and pipelines


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("a.sh", "az apim nv create -g x --named-value-id one --display-name 'two' --value v", ["one", "two"]),
        ("a.ps1", "New-AzApiManagementNamedValue -Context $c -NamedValueId one -Name two -Value v", ["one", "two"]),
        ("a.http", "PUT https://management.azure.com/…/service/a/namedValues/one?api-version=1", ["one"]),
        ("a.yml", "run: az rest --url $b/policyFragments/one", ["one"]),
        ("configuration.yaml", CONFIGURATION, ["one", "two"]),
        ("a.sh", "echo --display-name x", []),
    ],
)  # fmt: skip
def test_what_scripts_mention(path: str, text: str, names: list[str]) -> None:
    found = read(text, f"file:///{path}")
    assert [each.name for each in found] == names
    assert {each.strength for each in found} <= {Strength.MENTIONS}


OVERRIDES = """
apimServiceName: apim-prod
namedValues:
  - name: nv-url
    properties:
      displayName: backend-url
      value: "https://prod.example" # ours
  - name: nv-plain
    properties:
      value: a, b
  - name: api-key
    properties:
      displayName: api-key
      value: "{#API_KEY#}"
  - name: vault
    properties:
      keyVault:
        secretIdentifier: "https://kv.vault.azure.net/secrets/s"
  - name: flow
    properties: { displayName: flow, value: 7c0729e5, tags: [prod] }
  - name: hidden
    properties:
      secret: true
      value: hunter2
"""


def test_values_of_an_environment() -> None:
    found = {each.name: each for each in read(OVERRIDES, "file:///configuration.prod.yaml")}
    changed = {name: (each.resource, each.value, each.secret) for name, each in found.items() if each.resource}
    assert changed == {
        "backend-url": ("nv-url", "https://prod.example", False),
        "nv-plain": ("nv-plain", "a, b", False),
        "api-key": ("api-key", None, False),
        "vault": ("vault", None, True),
        "flow": ("flow", "7c0729e5", False),
        "hidden": ("hidden", None, True),
    }
    assert {found[name].strength for name in changed} == {Strength.OVERRIDES}
    span = found["backend-url"].span
    assert span is not None
    assert span.slice(OVERRIDES) == "backend-url"
    assert found["nv-plain"].span is None


def test_a_value_that_an_environment_changes_is_not_certain() -> None:
    made = Declaration(NameKind.NAMED_VALUE, "backend-url", span=Span(0, 11), resource="nv-url", value="https://dev")
    for name in ("backend-url", "nv-url"):
        other = Declaration(
            NameKind.NAMED_VALUE, name, Strength.OVERRIDES, resource="nv-url", value="https://prod.example"
        )
        declared = Declared((made, other))
        assert len(declared.find(NameKind.NAMED_VALUE, "backend-url")) == 2
        assert declared.value_of("backend-url") is None
        assert plan(declared, NameKind.NAMED_VALUE, "backend-url", "url") == Renaming((made,))
    assert Declared((made,)).value_of("backend-url") == "https://dev"


# Parameter files


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("dev.bicepparam", "using 'main.bicep'\nparam other = 'n'\nparam url = 'v'\n"),
        ("terraform.tfvars", 'other = "n"\nurl = "v"\n'),
        ("main.parameters.json", '{"parameters": {"other": {"value": "n"}, "url": {"value": "v"}}}'),
    ],
)
def test_the_value_of_a_parameter(path: str, text: str) -> None:
    assert parameter_value(path, text, "url") == "v"
    assert parameter_value(path, text, "none") is None


def test_a_sensitive_variable() -> None:
    text = 'variable "a" {\n  type = string\n  sensitive = true\n}\nvariable "b" { type = string }\n'
    assert is_sensitive(text, "a")
    assert not is_sensitive(text, "b")


# Many together


def test_names_are_compared_without_case_and_patterns_match() -> None:
    exact, pattern = Declaration(NameKind.NAMED_VALUE, "Tenant-Id"), Declaration(NameKind.FRAGMENT, "*-auth")
    declared = Declared((exact, pattern))
    assert declared.knows(NameKind.NAMED_VALUE, "tenant-ID")
    assert not declared.knows(NameKind.FRAGMENT, "tenant-id")
    assert declared.knows(NameKind.FRAGMENT, "dev-AUTH")
    assert not declared.knows(NameKind.FRAGMENT, "auth-dev")
    assert declared.find(NameKind.FRAGMENT, "dev-auth") == ()


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("*", "", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("*-x-*", "dev-x-1", True),
        ("*-x-*", "dev-x", False),
        ("a*b*c", "a-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("x*" * 120 + "z", "x" * 255 + "y", False),
    ],
)
def test_names_that_are_put_together(pattern: str, name: str, fits: bool) -> None:
    declared = Declared((Declaration(NameKind.FRAGMENT, pattern),))
    assert declared.may_be_generated(NameKind.FRAGMENT, name) is fits


def test_a_value_counts_where_it_is_certain() -> None:
    def value(*declarations: Declaration) -> str | None:
        return Declared(declarations).value_of("a")

    plain = Declaration(NameKind.NAMED_VALUE, "a", value="v")
    assert value(plain, plain) == "v"
    assert value(plain, Declaration(NameKind.NAMED_VALUE, "a", value="w")) is None
    assert value(plain, Declaration(NameKind.NAMED_VALUE, "a", secret=True)) is None
    assert value(Declaration(NameKind.NAMED_VALUE, "a", value="default", parameter="p")) is None


def test_what_a_policy_may_expect_to_find_declared() -> None:
    uses = {"shop/policies/a.xml": ("tenant-id", "typo"), "other/b.xml": ("key", "audience", "url", "tenant-id")}
    declared = Declared(
        (Declaration(NameKind.NAMED_VALUE, "tenant-id", path="file:///w/shop/infra/main.bicep"),),
        {
            f"file:///w/{path}": frozenset((NameKind.NAMED_VALUE, name) for name in names)
            for path, names in uses.items()
        },
    )

    def serves(path: str, *used: str) -> bool:
        return declared.serves(NameKind.NAMED_VALUE, f"file:///w/{path}", used)

    assert serves("shop/infra/policies/x.xml", "typo")  # below the folder that declares
    assert serves("shop/policies/x.xml", "typo")  # beside a policy that uses a declared name
    assert serves("far/x.xml", "typo", "Tenant-ID")  # uses one itself
    assert not serves("far/x.xml", "typo")  # nothing speaks for it
    assert not serves("other/x.xml", "tenant-id")  # of another service, with a name by chance
    assert not declared.serves(NameKind.FRAGMENT, "file:///w/shop/infra/x.xml", ["typo"])  # none is declared


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('<policies><inbound><set-header name="{{ A }}-{{b.c_d}}" /></inbound></policies>', {"a", "b.c_d"}),
        ('<include-fragment\n fragment-id="Auth"/>', {"auth"}),
        ('"value": "<policies><inbound><include-fragment fragment-id=\\"auth\\" />"', {"auth"}),
        ("{{ template }} of another kind", set()),
    ],
)
def test_names_that_policies_use(text: str, names: set[str]) -> None:
    assert {name for _, name in names_used(text)} == names


# Hostile files

PIECES = st.sampled_from(
    [
        "resource ",
        "'Microsoft.ApiManagement/service/namedValues@1'",
        '"azurerm_api_management_named_value" "x"',
        "<<EOT\n",
        "\nEOT\n",
        '"type": ',
        '"[concat(',
        "displayName: ",
        "value: ",
        "name = ",
        "name: ",
        "for a in b: ",
        "'x'",
        '"x"',
        "'${",
        '"${',
        "'''",
        "é\u2028",
        *"={}[]()#\n,\\/*'\"",
    ]
)


@pytest.mark.parametrize("ending", ["bicep", "tf", "json", "yaml"])
@given(pieces=st.lists(PIECES, max_size=40))
def test_nothing_raises_and_every_span_holds_the_name(ending: str, pieces: list[str]) -> None:
    text = "named_values" + "".join(pieces)
    for found in read(text, f"file:///x.{ending}"):
        assert found.span is None or found.span.slice(text) == found.name


@pytest.mark.parametrize("syntax", [BICEP, TERRAFORM, JSON])
@pytest.mark.parametrize(
    "piece", ["{", "'${", '"${', "'''", "<<A\n", "/*", "a = [", "(", "\\", "'a", '"a', "${{", "a:"]
)
def test_reading_takes_time_in_proportion_to_the_text(syntax: object, piece: str) -> None:
    def seconds(count: int) -> float:
        text = piece * count
        started = time.process_time()
        read_objects(text, syntax)  # type: ignore[arg-type]
        return time.process_time() - started

    seconds(100)
    assert seconds(40_000) < 2
