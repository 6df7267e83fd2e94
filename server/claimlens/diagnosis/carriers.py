"""What carries other files: a ticket in Markdown, a quoted mail, the log of a container.

People paste a whole case into one text. Each file in it is taken out and read as what it is; where its lines stood is
kept, so that evidence names the line in the text that the user sees.
"""

from __future__ import annotations

import bisect
import functools
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import attrs

from claimlens.diagnosis.http_messages import read_messages
from claimlens.diagnosis.request_files import exchanges_in
from claimlens.jose.json_extent import extent
from claimlens.rules.request_variables import filled, variables_of

MAXIMUM_TEXT = 2_000_000
"""Characters of a file that are read."""
MAXIMUM_ARCHIVE = 40_000_000
"""Characters of a file with HTTP exchanges that are read; most of an archive are scripts and pictures."""
MAXIMUM_PARTS = 200
"""A text that falls into more pieces is no ticket; it is read as the one file it is."""
MAXIMUM_LINE = 400
"""Characters of a line in which the name of a file is looked for."""

_ENDINGS = {
    "json": "json jsonc json5",
    "cs": "cs csharp c#",
    "js": "js javascript jsx node",
    "ts": "ts typescript tsx",
    "py": "py python python3",
    "java": "java",
    "kt": "kt kotlin",
    "go": "go golang",
    "php": "php",
    "rb": "rb ruby",
    "rs": "rs rust",
    "swift": "swift",
    "vb": "vb vbnet",
    "fs": "fs fsharp f#",
    "xml": "xml xhtml csproj",
    "yaml": "yaml yml",
    "properties": "properties",
    "ini": "ini",
    "toml": "toml",
    "env": "env dotenv",
    "http": "http rest",
    "ps1": "powershell ps1 pwsh ps",
    "bicep": "bicep",
    "tf": "tf hcl terraform",
    "config": "config",
    "razor": "razor cshtml",
    "lua": "lua",
    "conf": "nginx conf",
}
_ENDING_OF = {language: ending for ending, languages in _ENDINGS.items() for language in languages.split()}
_FORMS = "|".join(
    sorted({*_ENDING_OF, "html", "jwt", "log", "md", "token", "txt"} - {"c#", "f#"}, key=len, reverse=True)
)

_LINE_END = re.compile(r"\r\n?|\n")
_QUOTE = re.compile(r"(?:[ \t]*>)++ ?")
_RECORD = re.compile(
    r'\{(?=.*"(?:@?timestamp|time|ts|@t|@?level|@l|severity|stream)": ?)'
    r'(?=.*"(?:@?message|msg|log|@mt?|MessageTemplate|RenderedMessage)": ?").*\}\s*', re.IGNORECASE
)  # fmt: skip
_TABLE = re.compile(r"(?=.*\bmessage\b)\ufeff?\"?[\w .\[\]]+\"?(?:,\"?[\w .\[\]]+\"?)+", re.IGNORECASE)
_ESCAPED = re.compile(r'["\r\n]')
_FENCE = re.compile(r"(?P<margin>[ \t>]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[\w#+.-]*)")
_INDENT = re.compile(r" {4}|\t")
_LIST_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])[ \t]")
_FILE_NAME = re.compile(rf"(?<![\w/.@:-])(?:[\w-]+/)*((?:\.?[\w-]+(?:\.[\w-]+)*)?\.(?:{_FORMS}))(?![\w.-]*[\w/])")
_PROSE_NAME = re.compile(r"(?:\.(?:md|markdown|mdx|txt|eml)|(?:^|[/\\])[^./\\]*)$", re.IGNORECASE)
_MARKDOWN_NAME = re.compile(r"\.(?:md|markdown|mdx)$", re.IGNORECASE)
_LOG_NAME = re.compile(r"\b(?:logs?|trace|output|errors?|console|response|request)\.txt$", re.IGNORECASE)
_REQUESTS_NAME = re.compile(r"\.(?:http|rest|txt)$", re.IGNORECASE)
_TITLE = re.compile(
    rf"[ \t]*(?:[#=*-]+>?[ \t]*)?[*`'\"]*(?P<name>(?:[\w.-]+[/\\])*[\w.-]*\.(?:{_FORMS}))[*`'\"]*"
    r"(?:[ \t]*:)?[*`]*(?:[ \t]*<?[#=*-]+)?[ \t]*"
)
"""A line that has the name of a file and nothing else, as ``head`` prints it, as a heading or before a colon."""
_PASTED = re.compile(
    r"^[ \t]*(?:(?P<object>\{)[ \t]*\n[ \t]*\"|<(?P<element>policies|configuration|fragment|inbound)\b)", re.MULTILINE
)
_WORDS = re.compile(r"^[A-Za-z][\w']* [\w']+ [\w']", re.MULTILINE)


@attrs.frozen
class Line:
    """One line of a part: its text without line end, and its 1-based number and where that text begins in the file."""

    text: str
    number: int
    start: int

    def behind(self, removed: int) -> Line:
        """Return the line without its first characters."""
        return Line(self.text[removed:], self.number, self.start + removed)

    def blank(self) -> Line:
        """Return an empty line in its place."""
        return Line("", self.number, self.start)


@attrs.frozen
class Part:
    r"""What is read on its own: a file, or a piece of one.

    Attributes:
        name: what it is read as; its ending tells the form.
        lines: its lines.
    """

    name: str
    lines: tuple[Line, ...] = attrs.field(repr=False)

    @functools.cached_property
    def text(self) -> str:
        r"""Its text, every line ended by ``\n`` whatever ends it in the file."""
        return "\n".join(line.text for line in self.lines)

    @functools.cached_property
    def line_starts(self) -> tuple[int, ...]:
        """The offset in `text` at which each line begins."""
        return (0, *itertools.accumulate(len(line.text) + 1 for line in self.lines[:-1]))

    def line_at(self, offset: int) -> int:
        """Return the index of the line that an offset of `text` is on."""
        return bisect.bisect_right(self.line_starts, offset) - 1

    def place_of(self, offset: int) -> int | None:
        """Return where an offset of the file is in `text`, or None where it is not in this part."""
        index = bisect.bisect_right(self.lines, offset, key=lambda line: line.start) - 1
        if index < 0 or offset - self.lines[index].start > len(self.lines[index].text):
            return None
        return self.line_starts[index] + offset - self.lines[index].start


_END = Line("", 0, 0)
_NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


def parts_of(name: str, text: str, shared: Mapping[str, str] = _NO_VARIABLES) -> tuple[Part, ...]:
    """Return the files that a file carries, or the file itself as the only part. Never fails.

    Args:
        name: the file's name; a source file or a settings file carries nothing.
        text: its content.
        shared: variables of requests that other files set (`shared_variables`).
    """
    exchanges = _exchanges(name, text[:MAXIMUM_ARCHIVE], shared)
    return exchanges or tuple(_filled(part, shared) for part in _carried(name, text[:MAXIMUM_TEXT]))


def _exchanges(name: str, text: str, shared: Mapping[str, str]) -> tuple[Part, ...]:
    """Return the HTTP exchanges that a tool has kept in a file, each as a part of its own."""
    parts: list[Part] = []
    kept = exchanges_in(name, text, shared)[:MAXIMUM_PARTS]
    starts = [0, *(found.end() for found in _LINE_END.finditer(text))] if kept else []
    for exchange in kept:
        lines, reached = [], 0
        for told in exchange:
            reached = max(reached, told.offset - told.before)  # places ascend in a part, whatever the order in the file
            lines.append(Line(told.text, bisect.bisect_right(starts, told.offset), reached))
        parts.append(Part("exchange.http", tuple(lines)))
    return tuple(parts)


def _filled(part: Part, shared: Mapping[str, str]) -> Part:
    """Fill the placeholders of a ``.http`` file; the lines that set the values stay as they are."""
    values = dict(shared) | variables_of(part.text) if _REQUESTS_NAME.search(part.name) else {}
    if not values:
        return part
    lines = (attrs.evolve(line, text=filled(line.text, values)) if "{{" in line.text else line for line in part.lines)
    return attrs.evolve(part, lines=tuple(lines))


def _carried(name: str, text: str) -> tuple[Part, ...]:
    lines = _from_records(_unquoted([*_lines(text)]))
    if not _PROSE_NAME.search(name):
        return (Part(name, tuple(lines)),)
    parts = tuple(_out_of_fences(name, lines))
    if len(parts) == 1 and not _LOG_NAME.search(name):
        for separate in (_under_titles, _out_of_indents, _out_of_prose):
            parts = tuple(itertools.chain.from_iterable(map(separate, parts)))
    return parts if len(parts) <= MAXIMUM_PARTS else (Part(name, tuple(lines)),)


def _lines(text: str) -> Iterator[Line]:
    start, number = 0, 1
    for found in _LINE_END.finditer(text):
        yield Line(text[start : found.start()], number, start)
        start, number = found.end(), number + 1
    yield Line(text[start:], number, start)


def _unquoted(lines: Sequence[Line]) -> Sequence[Line]:
    """Take the quotation marks off a mail all of which is quoted, however often."""
    marks = [_QUOTE.match(line.text) for line in lines]
    if not any(marks) or any(line.text.strip() and not mark for line, mark in zip(lines, marks, strict=True)):
        return lines
    return [line.behind(mark.end()) if mark else line for line, mark in zip(lines, marks, strict=True)]


def _from_records(lines: Sequence[Line]) -> Sequence[Line]:
    """Take what programs wrote out of the records that keep it: a JSON object each, or rows of a table (RFC 4180).

    Docker's json-file driver and structured logs escape the quotation marks and line ends of messages.
    """
    first = next((line.text for line in lines if line.text.strip()), "")
    if _TABLE.fullmatch(first):
        return [Line(line.text.replace('""', '"'), line.number, line.start) for line in lines]
    if not _RECORD.fullmatch(first):
        return lines
    return [*itertools.chain.from_iterable(map(_written, lines))]


def _written(line: Line) -> Iterator[Line]:
    try:
        record = json.loads(line.text)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        yield line
        return
    if isinstance(record.get("log"), str) and "stream" in record:
        messages = [record["log"].rstrip("\r\n")]
    else:
        messages = [value for value in record.values() if isinstance(value, str) and _ESCAPED.search(value)]
        rest = {key: value for key, value in record.items() if not any(value is message for message in messages)}
        yield Line(json.dumps(rest, ensure_ascii=False), line.number, line.start)
    for message in messages:
        yield from (Line(text, line.number, line.start) for text in _LINE_END.split(message))


def _out_of_fences(name: str, lines: Sequence[Line]) -> Iterator[Part]:
    """Yield the prose, then each fenced block (CommonMark 0.31, section 4.5); the last may end with the text."""
    prose: list[Line] = []
    blocks: list[Part] = []
    block: list[Line] = []
    opened: re.Match[str] | None = None
    for line in lines:
        found = _FENCE.match(line.text)
        if opened is None:
            opened, block = found, []
            prose.append(line if found is None else line.blank())
        elif found and found["fence"].startswith(opened["fence"]) and not line.text[found.end("fence") :].strip():
            blocks.append(_block(block, prose, opened["language"]))
            opened = None
        else:
            block.append(line.behind(_margin(line.text, len(opened["margin"]))))
    if opened is not None:
        blocks.append(_block(block, prose, opened["language"]))
    yield Part(name, tuple(prose))
    yield from (block for block in blocks if any(line.text.strip() for line in block.lines))


def _out_of_indents(part: Part) -> Iterator[Part]:
    """Yield the prose, then each indented block of a Markdown text (CommonMark 0.31, section 4.4)."""
    if not _MARKDOWN_NAME.search(part.name):
        yield part
        return
    prose: list[Line] = []
    blocks: list[Part] = []
    block: list[Line] = []
    for line in (*part.lines, _END):
        indent = _INDENT.match(line.text)
        if indent and (block or _may_begin_block(prose)):
            block.append(line.behind(indent.end()))
        elif block and not line.text.strip() and line is not _END:
            block.append(line)
        else:
            if block:
                blocks.append(_block(block, prose))
                prose.extend(line.blank() for line in block)
                block = []
            prose.append(line)
    yield Part(part.name, tuple(prose[:-1]))
    yield from blocks


def _may_begin_block(prose: Sequence[Line]) -> bool:
    """Indented lines are code behind a blank line, unless they continue an item of a list."""
    above = next((line.text for line in reversed(prose[-4:]) if line.text.strip()), "")
    return not (prose and prose[-1].text.strip()) and not _LIST_ITEM.match(above)


def _block(lines: Sequence[Line], prose: Sequence[Line], language: str = "") -> Part:
    before = [line.text for line in prose[-4:] if line.text.strip()][-1:]
    return Part(_name_of(lines, *before, ending=_ENDING_OF.get(language.lower(), "")), tuple(lines))


def _name_of(lines: Sequence[Line], above: str = "", *, ending: str = "") -> str:
    """Return what a block is read as: the file that the line above or a comment names, its language, its content."""
    first = next((line.text.strip() for line in lines if line.text.strip()), "")
    told = [above] + ([first] if first.startswith(("//", "#", "<!--", "--", "/*")) else [])
    names = [found[1] for text in told for found in _FILE_NAME.finditer(text[:MAXIMUM_LINE])]
    if names and (not ending or _ENDING_OF.get(names[-1].rpartition(".")[2].lower(), ending) == ending):
        return names[-1]
    if not ending:
        ending = {"{": "json", "[": "json", "<": "xml"}.get(first[:1], "txt")
    return f"block.{ending}"


def _under_titles(part: Part) -> Iterator[Part]:
    """Yield what stands before the first line that only names a file, then what stands under each such line."""
    name, lines = part.name, list[Line]()
    for line in part.lines:
        title = _TITLE.fullmatch(line.text[:MAXIMUM_LINE])
        if title is None:
            lines.append(line)
            continue
        yield Part(name, tuple(lines))
        name, lines = title["name"], []
    yield Part(name, tuple(lines))


def _out_of_prose(part: Part) -> Iterator[Part]:
    """Yield the prose, then what was pasted into it without fences: JSON objects over several lines, and policies."""
    if not _PROSE_NAME.search(part.name):
        yield part
        return
    lines = part.lines
    prose, pasted = list(lines), []
    for start, end in _pasted(part.text):
        first, last = part.line_at(start), part.line_at(end) + 1
        above = [line.text for line in prose[max(0, first - 2) : first] if line.text.strip()][-1:]
        pasted.append(Part(_name_of(lines[first:last], *above), lines[first:last]))
        prose[first:last] = [line.blank() for line in lines[first:last]]
    yield Part(part.name, tuple(prose))
    yield from pasted


def _pasted(text: str) -> Iterator[tuple[int, int]]:
    """Yield where documents begin and end that stand between words; every character is looked at a few times only."""
    if text.lstrip("\ufeff \t\n").startswith(("{", "[", "<")) or not _WORDS.search(text):
        return
    position, endless = 0, set()
    has_bodies = any(read_messages(text))
    while found := _PASTED.search(text, position):
        position, end = found.end(), -1
        if found["element"] and found["element"] not in endless:
            closing = f"</{found['element']}>"
            end = text.find(closing, position)
            endless |= {found["element"]} if end < 0 else set()
            end += len(closing) if end >= 0 else 0
        elif found["object"] and not has_bodies:
            position, closed = extent(text, found.start("object"), len(text))
            end = position if closed else -1
        if end >= 0:
            yield found.start(), end
            position = end


def _margin(text: str, most: int) -> int:
    return min(most, len(text) - len(text.lstrip(" \t>")))
