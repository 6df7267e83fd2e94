"""A case that somebody pasted into one text says what its files say; evidence names the lines that the user sees."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.diagnosis.carriers import MAXIMUM_PARTS, Part, parts_of
from claimlens.diagnosis.case import Case
from claimlens.diagnosis.diagnose import diagnose
from tests.support.scenarios import NOW, Scenario, load

Files = tuple[tuple[str, str], ...]

SCENARIOS = load(Path(__file__).parent / "scenarios")


def windows(files: Files) -> Files:
    return tuple((name, text.replace("\n", "\r\n")) for name, text in files)


def ticket(files: Files) -> Files:
    blocks = (f"My `{name}`:\n\n```{name.rpartition('.')[2]}\n{text}```\n" for name, text in files)
    return (("ticket.md", "Every call is refused.\n\n" + "\n".join(blocks)),)


def indented(files: Files) -> Files:
    blocks = ("\n".join(["    " + line for line in text.splitlines()]) for _, text in files)
    titles = (f"This is {name}:" for name, _ in files)
    return (("question.md", "\n\n".join(part for pair in zip(titles, blocks, strict=True) for part in pair)),)


def mail(files: Files) -> Files:
    lines = [line for name, text in files for line in (f"{name}:", *text.splitlines())]
    return (("mail.txt", "".join(f"> {line}\n" for line in lines)),)


def heads(files: Files) -> Files:
    return (("everything.txt", "\n".join(f"==> {name} <==\n{text}" for name, text in files)),)


def container(files: Files) -> Files:
    def kept(line: str) -> str:
        return json.dumps({"log": line, "stream": "stderr", "time": "2026-03-01T11:00:00Z"}, separators=(",", ":"))

    return tuple(
        (name, "\n".join(map(kept, text.splitlines(keepends=True))) if name.endswith(".log") else text)
        for name, text in files
    )


CARRIERS = (windows, ticket, indented, mail, heads, container)
CARRIED = [(scenario, CARRIERS[(index + more) % 6]) for index, scenario in enumerate(SCENARIOS) for more in (0, 2)]
"""Each scenario in two of the carriers, each carrier with a third of the scenarios."""


@pytest.mark.parametrize(
    ("scenario", "carried"), CARRIED, ids=[f"{scenario.name}-{carried.__name__}" for scenario, carried in CARRIED]
)
def test_the_diagnosis_is_the_same_however_the_files_come(
    scenario: Scenario, carried: Callable[[Files], Files]
) -> None:
    apart = diagnose(scenario.case())
    together = diagnose(Case.of(carried(scenario.files), NOW))

    assert [cause.code for cause in together.causes[:1]] == [cause.code for cause in apart.causes[:1]]


@pytest.mark.parametrize("carried", [ticket, indented, mail, heads], ids=lambda carried: carried.__name__)
def test_evidence_names_the_line_of_the_text_that_carries(carried: Callable[[Files], Files]) -> None:
    files = (
        ("appsettings.json", '{\n  "AzureAd": {\n    "Audience": "api://orders "\n  }\n}\n'),
        ("app.log", "start\nIDX10214: Audience validation failed. Audiences: 'api://orders'.\n"),
    )
    ((name, text),) = carried(files)

    evidence = [place for cause in diagnose(Case.of([(name, text)], NOW)).causes for place in cause.evidence]

    assert evidence
    for place in evidence:
        assert place.path == name
        assert place.text.strip('"{} ') in text.splitlines()[place.line - 1]


def named(name: str, text: str) -> list[tuple[str, str]]:
    return [(part.name, part.text) for part in parts_of(name, text) if part.text.strip()]


@pytest.mark.parametrize(
    ("opening", "first", "name"),
    [
        ("```json", "{}", "block.json"),
        ("```C#", "var a = 1;", "block.cs"),
        ("~~~ yaml", "a: 1", "block.yaml"),
        ("```", "<a/>", "block.xml"),
        ("```", "IDX10214: no", "block.txt"),
        ("```js", "// src/auth.js", "auth.js"),
        ("```", "# app/main.py", "main.py"),
    ],
)
def test_a_fenced_block_is_read_as_what_it_is(opening: str, first: str, name: str) -> None:
    text = f"Some words.\n\n{opening}\n{first}\n{opening[:3]}\n\nMore words.\n"

    assert named("ticket.md", text)[1:] == [(name, first)]


def test_the_line_above_a_block_names_it() -> None:
    text = "In my `src/appsettings.Development.json` of v2.0 there is\n\n```\nx\n```\n"

    assert named("ticket.md", text)[1:] == [("appsettings.Development.json", "x")]


def test_a_mail_that_is_quoted_several_times_is_read_as_what_was_written() -> None:
    assert named("mail.txt", "> > token.json:\n>> {}\n>\n> > > IDX10214: no\n") == [
        ("token.json", "{}\n\nIDX10214: no\n")
    ]


def test_what_stands_in_prose_without_any_mark_is_taken_out() -> None:
    text = 'I have this setting:\n{\n  "a": "}"\n}\nand this policy\n<policies>\n</policies>\nWhat is wrong?\n'

    assert named("mail.txt", text)[1:] == [("block.json", '{\n  "a": "}"\n}'), ("block.xml", "<policies>\n</policies>")]


def test_the_body_of_an_answer_stays_with_it() -> None:
    text = 'This comes back from it:\n\nHTTP/1.1 401 Unauthorized\n\n{\n  "statusCode": 401\n}\n'

    assert len(named("mail.txt", text)) == 1


@pytest.mark.parametrize("name", ["Startup.cs", "appsettings.json", "policy.xml", "app.log"])
def test_sources_settings_and_logs_carry_nothing(name: str) -> None:
    text = "a b c\n```json\n{}\n```\ntoken.json:\n"

    assert [part.text for part in parts_of(name, text)] == [text]


def test_an_item_of_a_list_goes_on_indented() -> None:
    assert len(parts_of("ticket.md", "- first\n\n    and more of it\n")) == 1


def test_a_word_with_a_dot_is_no_file() -> None:
    text = "api.contoso.com:\neyJ0eXAi.eyJhdWQ.c2ln\n2.0\nSystem.Exception:\n"

    assert named("mail.txt", text) == [("mail.txt", text)]


def test_a_text_in_too_many_pieces_is_one_file() -> None:
    text = "a.json\nx\n" * (MAXIMUM_PARTS + 1)

    assert [part.text for part in parts_of("many.txt", text)] == [text]


def test_a_structured_log_gives_its_messages_without_escapes() -> None:
    record = {"@t": "2026-03-01T11:00:00Z", "@m": "it said 'no'", "@x": 'first "line"\nsecond', "status": 401}
    (part,) = parts_of("app.log", json.dumps(record) + "\nplain\n")

    assert part.text.splitlines()[1:] == ['first "line"', "second", "plain"]
    assert '"status": 401' in part.text
    assert [line.number for line in part.lines] == [1, 1, 1, 2, 3]


PIECES = st.lists(
    st.sampled_from(["```", "```json", "~~~", "> ", "    ", "\t", "{", "}", '"a": 1', "words of it", "a.json:", "\n"])
    | st.text(max_size=5),
    max_size=40,
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@given(PIECES, ENDS, st.sampled_from(["a.md", "a.txt", "a", "a.log"]))
def test_every_line_with_something_on_it_is_in_one_part_at_its_place(pieces: list[str], end: str, name: str) -> None:
    text = end.join(pieces)
    seen: set[int] = set()
    for part in parts_of(name, text):
        for line in part.lines:
            assert text.startswith(line.text, line.start)
            if line.text.strip():
                assert line.start not in seen
                seen.add(line.start)
                place = part.place_of(line.start)
                assert place is not None
                assert part.text.startswith(line.text, place)


def test_an_offset_outside_of_a_part_has_no_place_in_it() -> None:
    text = "words\n```\ninside\n```\nafter\n"
    prose, block = parts_of("a.md", text)

    assert block.place_of(text.index("inside") + 2) == 2
    assert block.place_of(text.index("words")) is None
    assert prose.place_of(text.index("after")) == prose.text.index("after")
    assert Part("a", ()).place_of(0) is None


@pytest.mark.parametrize(
    "piece",
    ['{\n  "', "<policies>\n", "- - -\n\n    ", "> > ", ">", "> >\n", "```\n", "-" * 50, "a.b/", '{"message": "'],
)
def test_eight_times_the_text_takes_at_most_sixteen_times_the_time(piece: str) -> None:
    least = most = float("inf")
    for _ in range(10):  # other work on the machine can only add: the least of several runs is the truth
        least, most = min(least, cost(piece * 2_000)), min(most, cost(piece * 16_000))
        if most <= 16 * max(least, 0.002):
            return
    raise AssertionError(f"{least * 1000:.1f} ms became {most * 1000:.1f} ms")


def cost(text: str) -> float:
    """Return the processor time of taking a text apart, in seconds."""
    gc.collect()
    gc.disable()  # how often it runs depends on everything else that is alive
    try:
        start = time.process_time()
        parts_of("a.md", "Some words here\n" + text)
        parts_of("a.md", text)
        return time.process_time() - start
    finally:
        gc.enable()
