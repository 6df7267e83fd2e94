"""Building the tree of a policy document, and mending it where tags do not match.

Reading never fails: each thing that is wrong gives one `SyntaxProblem` at the smallest place, and what surrounds it
keeps its structure. There is no recursion; depth, size and the number of problems are bounded.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from typing import Final

from claimlens.apim.document import PolicyDocument
from claimlens.apim.expression_end import after
from claimlens.apim.model import (
    Attribute,
    CData,
    Comment,
    Element,
    Node,
    ProcessingInstruction,
    RelatedPlace,
    Skipped,
    Text,
)
from claimlens.apim.scanner import Scanner
from claimlens.apim.tags import NAME, OpenTag, read_open_tag
from claimlens.text.spans import Span

MAX_DEPTH: Final = 200
MAX_LENGTH: Final = 16 * 1024 * 1024
"""Longest document that is read, in characters; the service takes 256 KB."""

_LONGEST_KEPT: Final = 64 * 1024
"""Characters of a document that is kept after it was read, so that those kept take a few megabytes."""

_CLOSE_TAG: Final = re.compile(rf"</\s*+({NAME})\s*+(>?)")
_CLOSE_TAG_REST: Final = re.compile(r"</[^<>]*+>?")
_LINE_REST: Final = re.compile(r"[^\r\n]*+")
_INDENT: Final = re.compile(r"(?:\A|[\r\n])([ \t]*)\Z")
_DOCTYPE_END: Final = re.compile(r"[^\[>]*+(?:\[[^\]]{0,65536}+\][^>]*+)?>")


class _Frame:
    """An element whose end has not been read yet."""

    __slots__ = ("attributes", "children", "damaged", "indent_start", "liquid", "name", "open_end", "start")

    def __init__(self, tag: OpenTag, *, liquid: bool) -> None:
        self.name = tag.name
        self.start = self.indent_start = tag.start
        self.open_end = tag.end
        self.attributes = tag.attributes
        self.damaged = tag.damaged
        self.liquid = liquid
        self.children: list[Node] = []

    @property
    def name_span(self) -> Span:
        return Span(self.start + 1, self.start + 1 + len(self.name))

    def element(self, end: int, close_start: int = -1) -> Element:
        return Element(
            self.name, self.start, end, self.open_end, close_start, False, self.attributes, tuple(self.children)
        )


def parse(text: str) -> PolicyDocument:
    """Read a policy document, a fragment or a snippet.

    Never raises; takes time linear in the length of ``text``. `PolicyDocument.problems` says what is wrong.
    A text read a moment ago gives the same document again: rules, editor and index all read what somebody types.
    """
    return _parse_kept(text) if len(text) <= _LONGEST_KEPT else parse_anew(text)


def parse_anew(text: str) -> PolicyDocument:
    """Read a text as `parse` does, whether it was read a moment ago or not."""
    return _Parser(text).run()


_parse_kept = functools.lru_cache(32)(parse_anew)


class _Parser:
    """The state of reading one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.scanner = Scanner(text)
        self.last = len(text.rstrip())
        self.top: list[Node] = []
        self.frames: list[_Frame] = []
        self.open_names: Counter[str] = Counter()
        self.owed: Counter[str] = Counter()
        """Elements that were ended for want of a closing tag: one that comes late is no second problem."""

    def run(self) -> PolicyDocument:
        position = 0
        if len(self.text) > MAX_LENGTH:
            self._give_up(0, "syntax-too-large", f"Longer than {MAX_LENGTH:,} characters: not read.")
            position = len(self.text)
        while position < len(self.text):
            if self.scanner.exhausted:
                message = "So much is wrong up to here that the rest was not read."
                self._give_up(position, "syntax-too-many-problems", message)
                break
            if len(self.frames) >= MAX_DEPTH:
                self._give_up(position, "syntax-too-deep", f"More than {MAX_DEPTH} elements deep: not read from here.")
                break
            position = self._step(position)
        self._end_of_text()
        problems = sorted(self.scanner.problems, key=lambda problem: problem.span)
        return PolicyDocument(self.text, tuple(self.top), tuple(problems))

    def _step(self, position: int) -> int:
        """Read one piece of text or markup at ``position`` and return where it ends."""
        text = self.text
        if text[position] != "<":
            return self._text(position)
        following = text[position + 1 : position + 2]
        if following == "/":
            return self._close_tag(position)
        if following == "!":
            return self._declaration(position)
        if following == "?":
            return self._instruction(position)
        if following == "_" or following.isalpha():
            return self._open_tag(position)
        return self._text(position)

    @property
    def _children(self) -> list[Node]:
        return self.frames[-1].children if self.frames else self.top

    def _give_up(self, position: int, code: str, message: str) -> None:
        end = after(_LINE_REST, self.text, position)
        self.scanner.report(code, message, Span(position, end))
        self._children.append(Skipped(position, len(self.text), self.text[position:]))

    # -- pieces -------------------------------------------------------------------------------------------------

    def _text(self, position: int) -> int:
        frame = self.frames[-1] if self.frames else None
        node = self.scanner.text_run(position, frame.name if frame else None, liquid=frame is not None and frame.liquid)
        if node is None:
            node = Text(position, position + 1, self.text[position])
        self._children.append(node)
        return node.end

    def _open_tag(self, position: int) -> int:
        tag = read_open_tag(self.scanner, position)
        if tag.self_closing:
            self._children.append(Element(tag.name, position, tag.end, tag.end, -1, True, tag.attributes))
            return tag.end
        liquid = _is_liquid(tag.attributes) or bool(self.frames and self.frames[-1].liquid)
        self.frames.append(_Frame(tag, liquid=liquid))
        self.open_names[tag.name] += 1
        return tag.end

    def _close_tag(self, position: int) -> int:
        close = _CLOSE_TAG.match(self.text, position)
        if close is None:
            end = position + 2 + (self.text[position + 2 : position + 3] == ">")
            self._stray("This closing tag has no name.", position, end)
            return end
        name, end = close[1], close.end()
        damaged = not close[2]
        if damaged:
            end = close.end(1)
            self.scanner.report(
                "syntax-unterminated-tag", f"The tag `</{name}` is not closed: expected `>`.", Span(position, end)
            )
        if self.frames and self.frames[-1].name == name:
            self._close(end, position)
        elif self.frames and self._closes_top(name, position):
            self._mismatched(name, position, end)
        elif self.open_names[name] and not self._is_closed_again(name, end):
            self._close_outer(name, position, end)
        elif self.owed[name]:
            self.owed[name] -= 1
            self._children.append(Skipped(position, end, self.text[position:end]))
        elif damaged:
            self._children.append(Skipped(position, end, self.text[position:end]))
        else:
            what = f"no `<{name}>` is open here" if self.frames else "nothing is open here"
            if self.open_names[name]:
                what = f"`<{self.frames[-1].name}>` is open, and `<{name}>` is closed further on"
            self._stray(f"`</{name}>` closes nothing: {what}.", position, end)
        return end

    def _declaration(self, position: int) -> int:
        text = self.text
        if text.startswith("<!--", position):
            return self._delimited(Comment, position, 4, "-->", "comment")
        if text.startswith("<![CDATA[", position):
            return self._delimited(CData, position, 9, "]]>", "CDATA section")
        match = _DOCTYPE_END.match(text, position)
        end = match.end() if match else position + 2
        is_type = text[position + 2 : position + 3].isalpha()
        self.scanner.report(
            "syntax-declaration",
            "A policy document can hold no document type declaration; it is not read."
            if is_type
            else "`<!` begins nothing here: expected `<!--`, with two hyphens, and `-->` behind the comment.",
            Span(position, min(end, after(_LINE_REST, text, position))),
        )
        self._children.append(Skipped(position, end, text[position:end]))
        return end

    def _delimited(self, kind: type[Comment | CData], position: int, opener: int, closer: str, what: str) -> int:
        """Read a comment or a CDATA section; one without end is taken to end with its line."""
        text = self.text
        content_end = text.find(closer, position + opener)
        end = content_end + len(closer)
        if content_end < 0:
            content_end = end = after(_LINE_REST, text, position)
            self.scanner.report(
                f"syntax-unterminated-{what.split()[0].lower()}",
                f"This {what} is not closed: expected `{closer}`.",
                Span(position, min(position + opener, end)),
            )
        self._children.append(kind(position, end, text[position:end], content_end))
        return end

    def _instruction(self, position: int) -> int:
        text = self.text
        closer = text.find("?>", position + 2)
        end = closer + 2
        if closer < 0:
            end = after(_LINE_REST, text, position)
            self.scanner.report(
                "syntax-unterminated-instruction",
                "This processing instruction is not closed: expected `?>`.",
                Span(position, position + 2),
            )
        self._children.append(ProcessingInstruction(position, end, text[position:end]))
        return end

    # -- closing ------------------------------------------------------------------------------------------------

    def _close(self, end: int, close_start: int) -> None:
        frame = self.frames.pop()
        self.open_names[frame.name] -= 1
        self._children.append(frame.element(end, close_start))

    def _mismatched(self, name: str, position: int, end: int) -> None:
        frame = self.frames[-1]
        self.scanner.report(
            "syntax-mismatched-tag",
            f"`</{name}>` closes `<{frame.name}>` opened on line {self.scanner.line(frame.start)}: "
            f"expected `</{frame.name}>`.",
            Span(position, end),
            RelatedPlace(f"`<{frame.name}>` opened here", frame.name_span),
        )
        self.owed[frame.name] += 1
        self._close(end, position)

    def _stray(self, message: str, position: int, end: int) -> None:
        self.scanner.report("syntax-stray-close-tag", message, Span(position, end))
        self._children.append(Skipped(position, end, self.text[position:end]))

    def _close_outer(self, name: str, position: int, end: int) -> None:
        """Close the innermost open element of this name; those inside it were never closed."""
        closer = f"`</{name}>` on line {self.scanner.line(position)}"
        while self.frames[-1].name != name:
            frame, outer = self.frames[-1], self.frames[-2]
            if frame.name == outer.name and self._indent(frame.start) is None:
                # `<a>…<a>` on one line: a closing tag without its slash, so that one thing is wrong, not two.
                outer.damaged = True
                frame.indent_start = outer.start
            self._report_unclosed(frame, closer, Span(position, end))
            self._end_unclosed(position)
            self.owed[frame.name] += 1
        self._close(end, position)

    def _report_unclosed(self, frame: _Frame, closer: str, place: Span) -> None:
        if frame.damaged:
            return
        self.scanner.report(
            "syntax-unclosed-tag",
            f"`<{frame.name}>` is not closed: expected `</{frame.name}>` before {closer}.",
            frame.name_span,
            RelatedPlace(f"Expected `</{frame.name}>` before this", place),
        )

    def _end_unclosed(self, end: int) -> None:
        """End the innermost element without a closing tag.

        Where it is first on its line, what follows at the same or a smaller indent is taken to stand behind it.
        """
        frame = self.frames.pop()
        self.open_names[frame.name] -= 1
        children = frame.children
        split = self._first_not_deeper(frame)
        moved = children[split:]
        del children[split:]
        self._children.append(frame.element(children[-1].end if children else frame.open_end if moved else end))
        self._children.extend(moved)

    def _first_not_deeper(self, frame: _Frame) -> int:
        """Return the index of the first child that the indent shows to be none (its leading white space included)."""
        indent = self._indent(frame.indent_start)
        if indent is not None:
            for index, child in enumerate(frame.children):
                if isinstance(child, Element):
                    column = self._indent(child.start)
                    if column is not None and column <= indent:
                        before = frame.children[index - 1] if index else None
                        return index - 1 if isinstance(before, Text) and before.is_blank else index
        return len(frame.children)

    def _indent(self, offset: int) -> int | None:
        """Return how many blanks stand before ``offset`` on its line, or None where something else does."""
        match = _INDENT.search(self.text[max(0, offset - 200) : offset])
        return len(match[1].expandtabs(4)) if match else None

    def _closes_top(self, name: str, position: int) -> bool:
        """Tell whether a closing tag with another name was meant to close the innermost element."""
        top = self.frames[-1]
        column, expected = self._indent(position), self._indent(top.start)
        if self.open_names[name]:
            owner = next(frame for frame in reversed(self.frames) if frame.name == name)
            if owner is self.frames[0] and not after(_CLOSE_TAG_REST, self.text, position) < self.last:
                return False  # the last tag of all closes the first, however it is indented
            outer = self._indent(owner.start)
            return column is not None and outer is not None and column == expected != outer and not self.owed[name]
        if self.owed[name]:
            return False
        if column is not None and column == expected:
            return True
        if _similar(name, top.name):
            return True
        own = self.text.find(f"</{top.name}", position + 2)
        if own < 0:
            return True
        if len(self.frames) < 2:
            return False
        parents = self.text.find(f"</{self.frames[-2].name}", position + 2)
        return 0 <= parents < own

    def _is_closed_again(self, name: str, end: int) -> bool:
        """Tell whether an outer element has a closing tag further on too, behind that of the innermost element."""
        top = self.frames[-1].name
        if self.open_names[name] > 1 or self.open_names[top] > 1:
            return False  # what is closed further on may be another one
        again = _tag_named(f"</{name}").search(self.text, end)
        if again is None or _tag_named(f"<{name}").search(self.text, end, again.start()):
            return False
        return _tag_named(f"</{top}").search(self.text, end, again.start()) is not None

    def _end_of_text(self) -> None:
        """End all that is still open, with one problem for the innermost element."""
        if not self.frames:
            return
        end = len(self.text)
        gave_up = any(problem.code.startswith("syntax-too-") for problem in self.scanner.problems)
        frame = self.frames[-1]
        outer = ", ".join(
            f"`<{other.name}>` (line {self.scanner.line(other.start)})" for other in self.frames[-2::-1][:5]
        )
        if not frame.damaged and not gave_up:
            message = f"`<{frame.name}>` is not closed: expected `</{frame.name}>` before the end of the text"
            self.scanner.report(
                "syntax-unclosed-tag", f"{message}; so are {outer}." if outer else f"{message}.", frame.name_span
            )
        while self.frames:
            self._end_unclosed(end)


def _tag_named(start: str) -> re.Pattern[str]:
    """Return the pattern of a tag that begins so, and whose name ends there."""
    return re.compile(re.escape(start) + r"(?![\w:.-])")


def _is_liquid(attributes: tuple[Attribute, ...]) -> bool:
    return any(attribute.name == "template" and attribute.raw.lower() == "liquid" for attribute in attributes)


def _similar(one: str, other: str) -> bool:
    """Tell whether two names differ by a slip of the finger."""
    if abs(len(one) - len(other)) > 2 or min(len(one), len(other)) < 3:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    tails = zip(reversed(one[start:]), reversed(other[start:]), strict=False)
    end = next((i for i, (a, b) in enumerate(tails) if a != b), min(len(one), len(other)) - start)
    return max(len(one), len(other)) - start - end <= 2
