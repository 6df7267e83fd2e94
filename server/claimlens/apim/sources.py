"""Where policies stand: files that are policies by what they hold, and policies inside strings of other files.

A file is recognised by its content, not by its name: the root element and what stands in it. Bicep, ARM templates and
Terraform carry policies in strings; each is found with its text decoded and the way back to the file (`PolicySource`).
"""

from __future__ import annotations

import enum
import functools
import json
import re
from collections.abc import Iterator
from typing import Final

import attrs

from claimlens.apim.document import SECTIONS, PolicyDocument
from claimlens.apim.knowledge import ROOTS, policies
from claimlens.apim.model import Element
from claimlens.apim.parser import parse
from claimlens.apim.strings import BICEP_ESCAPE, JSON_ESCAPE, Anchors, Decoded, decoded, put_together
from claimlens.text.nearest import slip_of
from claimlens.text.spans import Span


class SourceKind(enum.StrEnum):
    """How a policy stands in its file."""

    XML = "xml"
    """The file is the policy."""
    BICEP = "bicep"
    """In a string of a Bicep file."""
    ARM_JSON = "arm-json"
    """In a string of an ARM template or another JSON file."""
    TERRAFORM = "terraform"
    """In a heredoc or a quoted string of a Terraform file."""
    MARKDOWN = "markdown"
    """In a fenced block of code of a Markdown file: an example, to be read and completed, not to be judged."""


@attrs.frozen
class PolicySource:
    """A policy found in a file.

    Attributes:
        kind: how it stands there.
        span: where, in the file, quotes and delimiters left out.
        document: the policy, read; its spans count from the beginning of the policy's own text.
        format: what the file says next to it about its format (``xml``, ``rawxml``), or None.
        string: the string with escapes, on one line of the file, that it stands in; None where it stands as it is.
    """

    kind: SourceKind
    span: Span
    document: PolicyDocument
    format: str | None = None
    string: Decoded | None = attrs.field(default=None, repr=False)

    @property
    def is_quoted(self) -> bool:
        """Whether what is written into it has to be escaped."""
        return self.string is not None

    @property
    def _anchors(self) -> Anchors:
        return self.string.anchors if self.string is not None else Anchors((0,), (self.span.start,))

    @property
    def text(self) -> str:
        """The policy's text, escapes of the string decoded."""
        return self.document.text

    def host_offset(self, offset: int) -> int:
        """Return where in the file the character ``offset`` of the policy stands."""
        return min(self._anchors.to_outer(offset), self.span.end)

    def host_span(self, span: Span) -> Span:
        """Return where in the file a part of the policy stands."""
        start = self.host_offset(span.start)
        return Span(start, max(start, self.host_offset(span.end)))

    def policy_offset(self, offset: int) -> int | None:
        """Return the offset in the policy for one in the file (in an escape: its character), or None outside."""
        return self._anchors.to_inner(offset, len(self.text)) if self.span.contains(offset) else None

    def encode(self, replacement: str) -> str:
        """Return text for the policy as it has to be written in the file."""
        if self.string is None:
            return replacement
        if self.kind is SourceKind.BICEP:
            escaped = replacement.replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${")
            return escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
        return json.dumps(self.string.written(replacement), ensure_ascii=False)[1:-1]


@attrs.frozen
class LinkedFile:
    """A policy file that another file names: ``loadTextContent('policy.xml')``, ``file("policy.xml")``.

    Attributes:
        path: as written, relative to the file that names it (``${path.module}/`` taken off).
        span: where the path stands, quotes left out.
    """

    path: str
    span: Span


_CHEAP: Final = re.compile(
    r"(?:<|\\u003[cC])(?:[A-Za-z]++(?:-[a-z]++)+|policies|inbound|backend|fragment"
    r"|choose|when|cors|retry|wait|trace|quota|jsonp|proxy)"
)
_FIRST_TAG: Final = re.compile(r"<([^\W\d][\w:.-]*+)")
_PROLOG: Final = re.compile(
    r"(?:[\s\ufeff]++|<!--(?:[^-]++|-(?!->))*+-->|<\?(?:[^?]++|\?(?!>))*+\?>|[$%#]?\{\{?[^{}\r\n]*+\}\}?\#?"
    r"|<{7}(?: [^\r\n]*+)?(?=[\r\n]))*+"
)
"""What may stand before the root: blanks, comments, instructions, directives of templates, the mark of a conflict."""
_NOT_XML: Final = re.compile(r"\s*+[\[{](?![{%])")
_FORMAT_NEARBY: Final = re.compile(r"""["']?format["']?\s*+[:=]\s*+["'](rawxml|xml)(?:-link)?["']""", re.IGNORECASE)
_BICEP_TOKEN: Final = re.compile(r"'''|'|//[^\r\n]*+|/\*")
_BICEP_STRING: Final = re.compile(r"'((?:[^'\\$\r\n]++|\\.|\$\{[^{}\r\n]*+\}|\$)*+)'")
_JSON_TOKEN: Final = re.compile(r'"((?:[^"\\]++|\\.)*+)"|//[^\r\n]*+|/\*', re.DOTALL)
_TERRAFORM_TOKEN: Final = re.compile(
    r'<<-?"?([A-Za-z_][\w-]*+)"?[ \t]*+(?:\r\n?|\n)|"((?:[^"\\\r\n]++|\\.)*+)"|(?:#|//)[^\r\n]*+|/\*'
)
_FENCED: Final = re.compile(
    r"^[ \t>]*+(?P<fence>`{3,}+|~{3,}+)[^`\r\n]*+(?:\r\n?|\n)(?P<code>(?:(?![ \t>]*+(?P=fence))[^\n]*+\n)*+)",
    re.MULTILINE,
)
"""A fenced block of CommonMark; one that is not closed reaches to the end of the text."""
_LINKED: Final = re.compile(
    r"""(?:loadTextContent\(\s*+'|(?:template)?file\(\s*+")([^'"\r\n]{1,1000}?\.(?:xml|cshtml|policy|tpl|tftpl))['"]"""
)
_MODULE_PATH: Final = re.compile(r"\A\$\{path\.(?:module|root)\}/")


def find_policies(text: str, path: str | None = None) -> tuple[PolicySource, ...]:
    """Return the policies in the text of a file, in order; none where it holds no policy.

    ``path`` (only its ending is looked at) helps to tell Bicep from Terraform; without it the text has to say.
    A text without anything that looks like a policy's tag costs one search.
    """
    if not may_hold_policies(text):
        return ()
    ending = (path or "").lower().rpartition(".")[2]
    if ending == "bicep":
        return tuple(_in_bicep(text))
    if ending in ("tf", "hcl", "tfvars"):
        return tuple(_in_terraform(text))
    if ending in ("json", "jsonc") or _NOT_XML.match(text):
        return tuple(_in_json(text))
    whole = _whole_file(text)
    if whole is not None or path is not None:
        return (whole,) if whole is not None else ()
    return tuple(_in_bicep(text)) or tuple(_in_terraform(text))


def policies_in_markdown(text: str) -> tuple[PolicySource, ...]:
    """Return the policies in the fenced blocks of a Markdown text, in order."""
    if not may_hold_policies(text):
        return ()
    blocks = (match.span("code") for match in _FENCED.finditer(text))
    return tuple(source for block in blocks for source in _verbatim(SourceKind.MARKDOWN, text, *block))


def may_hold_policies(text: str) -> bool:
    """Tell whether something in a text looks like a policy's tag; costs one search."""
    return ("<" in text or "\\u003" in text) and _CHEAP.search(text) is not None


def is_policy(document: PolicyDocument) -> bool:
    """Tell whether what was read is a policy document, a fragment, or a snippet of policies.

    ``policies`` has to hold a section, and a section that holds elements a policy; ``fragment`` has to hold a policy; a
    snippet has to be a policy or a section, by a name no other language has, or with such a policy, an attribute of
    such a name or an expression in it.
    """
    root = document.root
    if root is None:
        return False
    if root.name == "policies":
        sections = [element for element in root.elements if element.name in SECTIONS]
        inside = [element for section in sections for element in section.elements]
        return bool(sections) and (not inside or _any_policy(inside))
    if root.name == "fragment":
        return _any_policy(list(root.elements))
    if root.name in SECTIONS:
        return any(_is_distinctive(element.name) for element in document.elements)
    meant = root.name if root.name in policies() else meant_root(root)
    if meant is None or meant in ROOTS:
        return meant is not None
    own = policies()[meant].attributes
    return (
        _is_distinctive(meant)
        or any(_is_distinctive(element.name) for element in document.elements)
        or any("-" in attribute.name and attribute.name in own for attribute in root.attributes)
        or bool(document.expressions)
    )


def meant_root(root: Element) -> str | None:
    """Return what an unknown root, nearly a name of the language, was meant to be, if what it holds fits; or None."""
    meant = _nearly(root.name)
    fact = policies().get(meant or "")
    if meant is None:
        return None
    if fact is None:
        return meant if any(each.name in SECTIONS or _is_distinctive(each.name) for each in root.elements) else None
    inside = [each.name in fact.children for each in root.elements if ":" not in each.name]
    inside += [each.name in fact.attributes for each in root.attributes]
    return meant if inside and all(inside) else None


@functools.lru_cache(256)
def _nearly(name: str) -> str | None:
    """Return the name of a root or a policy that ``name`` is a slip of the finger from, or None."""
    return slip_of(name, (*ROOTS, *policies()))


def linked_files(text: str) -> tuple[LinkedFile, ...]:
    """Return the policy files that a Bicep or Terraform text loads, in order; those with a part filled in left out."""
    found = []
    for match in _LINKED.finditer(text):
        module = _MODULE_PATH.match(match[1])
        start = match.start(1) + (module.end() if module else 0)
        if "${" in text[start : match.end(1)]:
            continue
        found.append(LinkedFile(text[start : match.end(1)], Span(start, match.end(1))))
    return tuple(found)


def _any_policy(elements: list[Element]) -> bool:
    return any(element.name in policies() for element in elements)


def _is_distinctive(name: str) -> bool:
    """Tell whether a name is a policy's and, having a hyphen, unlikely to be anything else."""
    return "-" in name and name in policies()


def _begins_like_a_policy(text: str) -> bool:
    """Tell by the first tag, which only comments and the like may precede, whether it is worth reading ``text``."""
    prolog = _PROLOG.match(text)
    tag = _FIRST_TAG.match(text, prolog.end() if prolog else 0)
    return tag is not None and (
        tag[1] in ("policies", "fragment", *SECTIONS) or tag[1] in policies() or _nearly(tag[1]) is not None
    )


def _whole_file(text: str) -> PolicySource | None:
    if not _begins_like_a_policy(text):
        return None
    document = parse(text)
    return PolicySource(SourceKind.XML, Span(0, len(text)), document) if is_policy(document) else None


def _verbatim(kind: SourceKind, host: str, start: int, end: int) -> Iterator[PolicySource]:
    """Yield the policy in a part of the file that is written without escapes."""
    content = host[start:end]
    if _begins_like_a_policy(content):
        document = parse(content)
        if is_policy(document):
            yield PolicySource(kind, Span(start, end), document, _format_near(host, start, end))


def _escaped(kind: SourceKind, host: str, start: int, end: int, escape: re.Pattern[str]) -> Iterator[PolicySource]:
    """Yield the policy in a string with escapes, or in what an expression of an ARM template makes of it."""
    if not _CHEAP.search(host, start, end):
        return
    string = decoded(host, start, end, escape)
    if kind is SourceKind.ARM_JSON:
        string = put_together(string)
    if _begins_like_a_policy(string.text):
        document = parse(string.text)
        if is_policy(document):
            yield PolicySource(kind, string.span, document, _format_near(host, start, end), string)


def _format_near(host: str, start: int, end: int) -> str | None:
    """Return the format written next to a string: within a few lines before or behind it."""
    behind = _FORMAT_NEARBY.search(host, end, end + 200)
    before = _FORMAT_NEARBY.search(host, max(0, start - 200), start)
    match = before or behind
    return match[1].lower() if match else None


def _in_bicep(text: str) -> Iterator[PolicySource]:
    cursor = 0
    while token := _BICEP_TOKEN.search(text, cursor):
        cursor = token.end()
        if token[0] == "'''":
            end = text.find("'''", cursor)
            if end < 0:
                return
            while text.startswith("'", end + 3):  # quotes in front of the last three belong to the string
                end += 1
            yield from _verbatim(SourceKind.BICEP, text, cursor, end)
            cursor = end + 3
        elif token[0] == "'":
            string = _BICEP_STRING.match(text, token.start())
            if string is not None:
                cursor = string.end()
                yield from _escaped(SourceKind.BICEP, text, *string.span(1), BICEP_ESCAPE)
        elif token[0] == "/*":
            cursor = _behind(text, "*/", cursor)


def _in_json(text: str) -> Iterator[PolicySource]:
    cursor = 0
    while token := _JSON_TOKEN.search(text, cursor):
        cursor = token.end()
        if token[1] is not None:
            yield from _escaped(SourceKind.ARM_JSON, text, *token.span(1), JSON_ESCAPE)
        elif token[0] == "/*":
            cursor = _behind(text, "*/", cursor)


def _in_terraform(text: str) -> Iterator[PolicySource]:
    cursor = 0
    while token := _TERRAFORM_TOKEN.search(text, cursor):
        cursor = token.end()
        if token[1] is not None:
            closing = re.compile(rf"^[ \t]*+{re.escape(token[1])}[ \t]*+\r?$", re.MULTILINE).search(text, cursor)
            if closing is None:
                return
            yield from _verbatim(SourceKind.TERRAFORM, text, cursor, closing.start())
            cursor = closing.end()
        elif token[2] is not None:
            yield from _escaped(SourceKind.TERRAFORM, text, *token.span(2), JSON_ESCAPE)
        elif token[0] == "/*":
            cursor = _behind(text, "*/", cursor)


def _behind(text: str, closer: str, start: int) -> int:
    """Return the offset behind the next ``closer``, or the end of the text."""
    end = text.find(closer, start)
    return len(text) if end < 0 else end + len(closer)
