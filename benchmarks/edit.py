"""What a keystroke costs in large documents: against a small one, and against pygls' own documents, in the same run.

Run it as ``python benchmarks/edit.py [rounds]``. Each keystroke falls in another place of the document, and the
documents take turns, so that a busy machine slows all of them. Exit status 1 where a keystroke in 10 MB costs more
than twice one in 100 KB, with the tokens or without.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Mapping

from lsprotocol import types
from pygls.workspace import Workspace
from scan import log

from claimlens.lsp.documents import DocumentStore

LIMIT = 2.0
URI = "file:///folder/service.log"
Keystroke = Callable[[int], object]


def change(text: str, round_number: int) -> types.TextDocumentContentChangePartial:
    """Return a keystroke somewhere in ``text``; the lines before it keep their number as only letters are typed."""
    lines = text.count("\n") + 1
    line = round_number * 7919 % lines
    column = 0 if lines > 1 else round_number * 7919 * 131 % len(text)
    place = types.Position(line, column)
    return types.TextDocumentContentChangePartial(types.Range(place, place), "x")


def ours(text: str, with_tokens: bool = False) -> Keystroke:
    """Return what makes a keystroke in a document of the server's store."""
    store = DocumentStore()
    store.open(URI, text, 0, "log")
    changes = [change(text, number) for number in range(200)]

    def type_a_letter(round_number: int) -> None:
        store.change(URI, changes[round_number % len(changes)], round_number)
        if with_tokens:
            store.tokens(store.get(URI))

    if with_tokens:
        store.tokens(store.get(URI))
    return type_a_letter


def theirs(text: str) -> Keystroke:
    """Return what makes a keystroke in a document of pygls."""
    workspace = Workspace(None)
    workspace.put_text_document(types.TextDocumentItem(URI, "log", 0, text))
    changes = [change(text, number) for number in range(200)]
    document = types.VersionedTextDocumentIdentifier(1, URI)
    return lambda number: workspace.update_text_document(document, changes[number % len(changes)])


def measured(keystrokes: Mapping[str, Keystroke], rounds: int) -> dict[str, float]:
    """Let the documents take turns; return the median processor time of a keystroke in each, in milliseconds."""
    took: dict[str, list[float]] = {name: [] for name in keystrokes}
    gc.collect()
    gc.freeze()
    for number in range(rounds):
        for name, keystroke in keystrokes.items():
            begin = time.process_time()
            keystroke(number)
            took[name].append((time.process_time() - begin) * 1000)
    return {name: statistics.median(each) for name, each in took.items()}


def compare(title: str, keystrokes: Mapping[str, Keystroke], rounds: int) -> float:
    """Measure two documents and print the times; return how many times as much the first one costs."""
    (first, cost), (second, base) = measured(keystrokes, rounds).items()
    print(f"{title}: {first} {cost:.3f} ms, {second} {base:.3f} ms, ratio {cost / base:.2f}")
    return cost / base


def main() -> int:
    """Measure, print, and return the exit status."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    large, tokens = log(10)
    small = large[: large.index("\n", 100_000) + 1]
    half = large[: large.index("\n", 5_000_000) + 1]
    one_line = half.replace("\n", " ")
    ratios = [
        compare("keystroke", {"10 MB": ours(large), "100 KB": ours(small)}, rounds),
        compare(
            f"keystroke to new tokens ({tokens} in 10 MB)",
            {"10 MB": ours(large, with_tokens=True), "100 KB": ours(small, with_tokens=True)},
            rounds,
        ),
    ]
    print(f"at most {LIMIT} are allowed; against pygls:")
    compare("log of 5 MB", {"pygls": theirs(half), "claimlens": ours(half)}, min(rounds, 20))
    compare("one line of 5 MB", {"pygls": theirs(one_line), "claimlens": ours(one_line)}, 3)
    return int(max(ratios) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
