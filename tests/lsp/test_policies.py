"""Policies over the protocol: hovers, completion, and what else editors ask, in files of their own and in strings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.cursor import in_inbound, position_of
from tests.support.server import RefusedError, Session, at

URI = "file:///folder/policy.xml"
ARM = "file:///folder/template.json"
BICEP = "file:///folder/main.bicep"


def opened(session: Session, text: str, uri: str = URI, language: str = "xml") -> dict[str, Any]:
    """Open a text with a cursor; return the parameters of a request about it."""
    plain, line, column = position_of(text)
    session.open(uri, plain, language)
    return at(uri, line, column)


def completion(session: Session, where: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = session.request("textDocument/completion", where)
    return found["items"] if found else []


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    """Return a text (without astral characters) after edits."""
    lines = text.splitlines(keepends=True) or [""]
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    for edit in sorted(edits, key=lambda each: list(each["range"]["start"].values()), reverse=True):
        start, end = (starts[each["line"]] + each["character"] for each in edit["range"].values())
        text = text[:start] + edit["newText"] + text[end:]
    return text


@pytest.mark.parametrize("language", ["xml", "apim-policy", "plaintext"])
def test_hover_on_an_attribute(language: str) -> None:
    with Session() as session:
        where = opened(session, in_inbound('<validate-jwt clock-sk<|>ew="1" />'), language=language)
        shown = session.request("textDocument/hover", where)
    assert "`validate-jwt` · `clock-skew`" in shown["contents"]["value"]
    assert "Azure API Management policy reference 20" in shown["contents"]["value"]
    assert (shown["range"]["start"], shown["range"]["end"]) == (
        {"line": 2, "character": 22},
        {"line": 2, "character": 32},
    )


def test_hover_without_markdown() -> None:
    with Session(client={}) as session:
        shown = session.request("textDocument/hover", opened(session, in_inbound("<validate-j<|>wt />")))
    assert shown["contents"]["kind"] == "plaintext"
    assert not {"`", "*"} & set(shown["contents"]["value"])


def test_hovers_show_what_the_settings_and_open_fragments_say() -> None:
    settings = {None: {"policies": {"namedValues": {"audience": "api://x|`y"}}}}
    with Session(settings=settings) as session:
        session.open("file:///folder/policyFragments/auth/policy.xml", "<fragment><base-x/><cors/></fragment>", "xml")
        text = '<include-fragment fragment-id="au<|>th" /><set-header name="{{audience}}" />'
        shown = session.request("textDocument/hover", opened(session, in_inbound(text)))
        assert "<cors/>" in shown["contents"]["value"]
        value = session.hover(URI, 2, 70)
    assert value == ("Named value `audience`\n\nValue: ``api://x|`y`` (the setting claimlens.policies.namedValues)")


def test_completion_is_resolved_when_it_is_looked_at() -> None:
    with Session() as session:
        items = completion(session, opened(session, in_inbound("<val<|>")))
        item = next(item for item in items if item["label"] == "validate-jwt")
        assert "documentation" not in item
        resolved = session.request("completionItem/resolve", item)
    assert "Lets a request pass only with a JSON Web Token" in resolved["documentation"]["value"]
    assert item["textEdit"]["range"]["start"] == {"line": 2, "character": 9}


def test_completion_has_places_to_fill_in_where_the_client_can() -> None:
    text = in_inbound("<<|>")
    with Session() as session:
        rich = {item["label"]: item for item in completion(session, opened(session, text))}
    with Session(client={}) as session:
        plain = {item["label"]: item for item in completion(session, opened(session, text))}
    assert rich["set-variable"]["textEdit"]["newText"] == 'set-variable name="$1" value="$0" />'
    assert rich["set-variable"]["insertTextFormat"] == 2
    assert plain["set-variable"]["textEdit"]["newText"] == 'set-variable name="" value="" />'


def test_completion_while_the_first_policy_is_typed() -> None:
    with Session() as session:
        session.open(URI, "<policies>\n<inbound>\n\n</inbound>\n</policies>\n", "xml")
        for column, character in enumerate("<val"):
            session.insert(URI, column + 2, 2, column, character)
            offered = completion(session, at(URI, 2, column + 1))
            assert "validate-jwt" in {item["label"] for item in offered}


def test_completion_in_an_arm_template_is_escaped() -> None:
    value = json.dumps(in_inbound("<set-header <|>></set-header>"))
    text = f'{{\n  "é": {{ "value": {value} }}\n}}\n'
    with Session() as session:
        where = opened(session, text, ARM, "json")
        item = next(item for item in completion(session, where) if item["label"] == "name")
    changed = applied(text.replace("<|>", ""), [item["textEdit"]])
    assert '<set-header name="">' in json.loads(changed)["é"]["value"]
    assert "insertTextFormat" not in item


def test_completion_in_a_bicep_string_stays_on_its_line() -> None:
    policy = in_inbound("<<|>").replace("\n", "\\n")
    text = f"var policy = '{policy}'\n"
    with Session() as session:
        item = next(
            each for each in completion(session, opened(session, text, BICEP, "bicep")) if each["label"] == "choose"
        )
    changed = applied(text.replace("<|>", ""), [item["textEdit"]])
    assert "<choose>\\n\\t<when condition=" in changed
    assert changed.count("\n") == 1
    assert "insertTextFormat" not in item


@pytest.mark.parametrize(
    ("inside", "offers"),
    [
        ("<set-header <|>", True),
        ('<set-header name="a <|>">', False),
        ("<base /> <|>", False),
        ("<!-- a <|>-->", False),
    ],
)
def test_a_blank_asks_for_attributes_and_nothing_else(inside: str, offers: bool) -> None:
    with Session() as session:
        where = {**opened(session, in_inbound(inside)), "context": {"triggerKind": 2, "triggerCharacter": " "}}
        assert ("exists-action" in {item["label"] for item in completion(session, where)}) is offers


@pytest.mark.parametrize(
    "text", ["<fragment>\n<|>\n</fragment>", "<fragment><set-<|>", "<policies>\n<<|>", "<policies><|>"]
)
def test_completion_in_a_root_that_is_just_begun(text: str) -> None:
    with Session() as session:
        offered = {item["label"] for item in completion(session, opened(session, text))}
    assert ("inbound" if "policies" in text else "set-header") in offered


def test_hover_in_bicep() -> None:
    policy = in_inbound('<validate-jwt clock-sk<|>ew="1" />')
    with Session() as session:
        where = opened(session, f"resource policy 'x' = {{\n  value: '''\n{policy}'''\n}}\n", BICEP, "bicep")
        shown = session.request("textDocument/hover", where)
    assert "`clock-skew`" in shown["contents"]["value"]
    assert shown["range"]["start"] == {"line": 4, "character": 22}


@pytest.mark.parametrize(
    "text",
    [
        "nothing <|>here",
        "<html><<|></html>",
        "<project><target name='<|>'/></project>",
        "<policies><policy><|></policy></policies>",
        "<fragment android:id='a'><<|></fragment>",
    ],
)
def test_other_documents_are_left_alone(text: str) -> None:
    with Session() as session:
        where = opened(session, text)
        assert completion(session, where) == []
        assert session.request("textDocument/hover", where) is None


def requested(method: str, text: str, **more: Any) -> Any:
    """Open a policy with a cursor and ask about that place."""
    with Session() as session:
        where = opened(session, text)
        return session.request(f"textDocument/{method}", {**where, **more})


def test_the_outline_names_sections_policies_and_what_tells_them_apart() -> None:
    [root] = requested("documentSymbol", in_inbound('<set-header name="x-a"><value>1</value></set-header><|>'))
    inbound, outbound = root["children"]
    header, base = inbound["children"]
    assert [each["name"] for each in (root, inbound, outbound, header, base)] == [
        "policies",
        "inbound",
        "outbound",
        "set-header",
        "base",
    ]
    assert (header["detail"], header["children"][0]["name"]) == ("x-a", "value")
    assert header["selectionRange"]["start"] == {"line": 2, "character": 9}


def test_folding_keeps_the_closing_tag_in_view() -> None:
    inside = '<!-- a\n b -->\n<set-variable name="x" value="@{\n  return 1;\n}" /><|>'
    found = requested("foldingRange", in_inbound(inside))
    lines = {(fold["startLine"], fold["endLine"], fold.get("kind")) for fold in found}
    assert {(0, 11, None), (1, 7, None), (2, 3, "comment"), (4, 5, None)} <= lines


def test_a_selection_grows_from_a_value_to_the_document() -> None:
    text = in_inbound('<validate-jwt clock-skew="6<|>0" />')
    with Session() as session:
        where = opened(session, text)
        params = {"textDocument": where["textDocument"], "positions": [where["position"]]}
        [found] = session.request("textDocument/selectionRange", params)
    plain, widths = text.replace("<|>", "").split("\n"), []
    while found:
        start, end = found["range"]["start"], found["range"]["end"]
        if start["line"] == end["line"]:
            widths.append(plain[start["line"]][start["character"] : end["character"]])
        found = found.get("parent")
    assert widths == ["60", 'clock-skew="60"', '<validate-jwt clock-skew="60" />']


@pytest.mark.parametrize("text", ["<choo<|>se><otherwise/></choose>", "<choose><otherwise/></cho<|>ose>"])
def test_both_tags_are_highlighted_and_change_as_one(text: str) -> None:
    found = requested("documentHighlight", in_inbound(text))
    assert [each["range"]["start"]["character"] for each in found] == [9, 30]
    linked = requested("linkedEditingRange", in_inbound(text))
    assert [each["end"]["character"] for each in linked["ranges"]] == [15, 36]


VARIABLES = (
    '<set-variable name="user" value="ada" />\n<set-body>@((string)context.Variables["us<|>er"])</set-body>\n'
    "<set-body>@(context.Variables.GetValueOrDefault&lt;string&gt;(&quot;user&quot;))</set-body>"
)


def test_a_variable_leads_to_where_it_is_set_and_to_where_it_is_read() -> None:
    [definition] = requested("definition", in_inbound(VARIABLES))
    assert definition["range"] == {"start": {"line": 2, "character": 28}, "end": {"line": 2, "character": 32}}
    found = requested("references", in_inbound(VARIABLES), context={"includeDeclaration": False})
    assert [each["range"]["start"]["line"] for each in found] == [3, 4]


def test_a_variable_is_renamed_everywhere_in_its_policy() -> None:
    text = in_inbound(VARIABLES)
    prepared = requested("prepareRename", text)
    assert prepared["placeholder"] == "user"
    edit = requested("rename", text, newName="caller")
    changed = applied(text.replace("<|>", ""), edit["changes"][URI])
    assert changed == text.replace("<|>", "").replace("user", "caller")


def test_a_name_that_would_break_the_code_is_refused() -> None:
    with pytest.raises(RefusedError, match="The name of a variable has no quotes"):
        requested("rename", in_inbound(VARIABLES), newName='a"b')


def test_a_fragment_leads_to_its_open_file_and_is_not_renamed_without_its_declaration() -> None:
    fragment, other = "file:///folder/fragments/auth.xml", "file:///folder/other.xml"
    include = '<include-fragment fragment-id="auth" />'
    with Session() as session:
        session.open(fragment, "<fragment><cors /></fragment>", "xml")
        session.open(other, in_inbound(include), "xml")
        where = opened(session, in_inbound(include.replace("auth", "au<|>th")))
        [definition] = session.request("textDocument/definition", where)
        [link] = session.request("textDocument/documentLink", {"textDocument": {"uri": URI}})
        with pytest.raises(RefusedError, match="Nothing in the workspace declares the fragment"):
            session.request("textDocument/rename", {**where, "newName": "login"})
    assert definition["uri"] == link["target"] == fragment


def test_metadata_is_a_link_where_it_is_written_out() -> None:
    inside = '<validate-jwt><|><openid-config url="{}/openid-configuration" /></validate-jwt>'
    [link] = requested("documentLink", in_inbound(inside.replace("{}", "https://a.example/.well-known")))
    assert link["target"] == "https://a.example/.well-known/openid-configuration"
    for other in ("{{issuer}}", "javascript:alert(1)/", "file:///etc", "http://a.example"):
        assert requested("documentLink", in_inbound(inside.replace("{}", other))) == []


OPTIONS = {"tabSize": 2, "insertSpaces": True}


def test_formatting() -> None:
    text = in_inbound('<|><set-header name="x"><value>  @( 1  <  2 )</value></set-header>').replace("    ", "")
    edits = requested("formatting", text, options=OPTIONS)
    changed = applied(text.replace("<|>", ""), edits)
    assert '    <set-header name="x">\n      <value>  @( 1  <  2 )</value>\n    </set-header>' in changed


def test_formatting_a_part_leaves_the_rest() -> None:
    text = in_inbound("<|><cors/>").replace("    ", "")
    place = {"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 7}}
    edits = requested("rangeFormatting", text, options=OPTIONS, range=place)
    assert applied(text.replace("<|>", ""), edits) == text.replace("<|><cors/>", "    <cors />")


def test_a_closing_tag_and_a_new_line_are_indented_while_typing() -> None:
    text = in_inbound("<cors>\n        </cors><|>")
    assert requested("onTypeFormatting", text, options=OPTIONS, ch=">") == []
    edits = requested("onTypeFormatting", text.replace("        </cors>", "</cors>"), options=OPTIONS, ch=">")
    assert [edit["newText"] for edit in edits] == ["        "]
    edits = requested("onTypeFormatting", in_inbound("<cors>\n<|>\n</cors>"), options=OPTIONS, ch="\n")
    assert [edit["newText"] for edit in edits] == ["          "]


def test_policies_in_other_files_are_not_formatted() -> None:
    policy = in_inbound("<|><cors/>")
    with Session() as session:
        where = opened(session, f"resource policy 'x' = {{\n  value: '''\n{policy}'''\n}}\n", BICEP, "bicep")
        assert session.request("textDocument/formatting", {**where, "options": OPTIONS}) is None
        assert session.request("textDocument/documentSymbol", where)[0]["range"]["start"]["line"] == 2


@pytest.mark.parametrize(
    ("typed", "closing"),
    [
        ("<cors><|>", "</cors>"),
        ("<choose><when condition='@(1 > 2)'><|></choose>", "</when>"),
        ("<choose><when condition='@(1 ><|> 2)'></when></choose>", None),
        ("<cors><|></cors>", None),
        ("<cors /><|>", None),
        ("<wait><wait><|></wait>", "</wait>"),
        ("<!-- <cors><|> -->", None),
    ],
)
def test_a_tag_is_closed_once(typed: str, closing: str | None) -> None:
    with Session() as session:
        answer = session.request("claimlens/closeTag", opened(session, in_inbound(typed)))
    assert answer == (closing and {"text": closing})


def action(session: Session, where: Mapping[str, Any], title: str) -> dict[str, Any] | None:
    """Return the code action with this title at a place, with its edit."""
    place = where["position"]
    found = session.code_actions(where["textDocument"]["uri"], place["line"], place["character"])
    chosen = next((each for each in found if each["title"] == title), None)
    return chosen and session.request("codeAction/resolve", chosen)


CONVERTIBLE = (
    '<validate-j<|>wt header-name="h"><openid-config '
    'url="https://login.microsoftonline.com/contoso.com/.well-known/openid-configuration" />'
    "<audiences><audience>a</audience></audiences></validate-jwt>"
)


def test_a_policy_is_converted_by_a_code_action() -> None:
    text = in_inbound(CONVERTIBLE)
    with Session() as session:
        chosen = action(session, opened(session, text), "Convert to validate-azure-ad-token")
    assert chosen is not None
    changed = applied(text.replace("<|>", ""), chosen["edit"]["changes"][URI])
    assert '<validate-azure-ad-token tenant-id="contoso.com" header-name="h"><audiences>' in changed


def test_a_policy_is_extracted_into_a_new_file() -> None:
    with Session() as session:
        chosen = action(session, opened(session, in_inbound(CONVERTIBLE)), "Extract to a policy fragment")
    assert chosen is not None
    created, filled, left = chosen["edit"]["documentChanges"]
    assert (created["kind"], created["uri"]) == ("create", "file:///folder/new-fragment.xml")
    assert filled["edits"][0]["newText"].startswith("<fragment>\n    <validate-jwt")
    assert left["edits"][0]["newText"] == '<include-fragment fragment-id="new-fragment" />'


def test_code_is_escaped_by_a_code_action_in_a_string_too() -> None:
    value = json.dumps(in_inbound('<set-variable name="x" value="@(1 < 2 && "a" == "b")" />'))
    text = '{"value": ' + value.replace("1 <", "1<|> <") + "}"
    with Session() as session:
        where = opened(session, text, ARM, "json")
        chosen = action(session, where, "Write expressions with entities (format xml)")
    assert chosen is not None
    changed = json.loads(applied(text.replace("<|>", ""), chosen["edit"]["changes"][ARM]))["value"]
    assert 'value="@(1 &lt; 2 &amp;&amp; &quot;a&quot; == &quot;b&quot;)"' in changed


def test_code_is_coloured_line_by_line() -> None:
    with Session() as session:
        where = opened(session, in_inbound('<set-body>@{<|>\nreturn @"a\nb" + context.Api.Id; }</set-body>'))
        data = session.request("textDocument/semanticTokens/full", where)["data"]
    legend = session.initialized["capabilities"]["semanticTokensProvider"]["legend"]["tokenTypes"]
    kinds = [(data[at], data[at + 2], legend[data[at + 3]]) for at in range(0, len(data), 5)]
    assert kinds == [
        (3, 6, "keyword"),
        (0, 3, "string"),
        (1, 2, "string"),
        (0, 7, "variable"),
        (0, 3, "property"),
        (0, 2, "property"),
    ]
