"""Measure the policy parser: megabytes a second, per file, beside lxml, and on hostile shapes.

    python benchmarks/policies.py [FOLDER]

Without a folder of policies those of this repository are read. Ratios count: all figures of one run come from the same
machine in the same minute.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from lxml import etree

from claimlens.apim.parser import parse_anew

ROUNDS = 5
LARGE = 50_000
"""Characters of a policy as large as people write them, which is read again at each keystroke."""
SIZES = (100_000, 200_000, 400_000)

HOSTILE: dict[str, Callable[[int], str]] = {
    "opening tags": lambda size: "<a>" * (size // 3),
    "closing tags": lambda size: "</a>" * (size // 4),
    "unclosed in one element": lambda size: "<a>" + "<b></c>" * (size // 7) + "</a>",
    "less-than signs": lambda size: "<" * size,
    "less-than signs in a value": lambda size: '<a b="' + "< <a" * (size // 4) + '"/>',
    "less-than signs in an open value": lambda size: '<a b="' + "< <a" * (size // 4),
    "unclosed values": lambda size: '<a b="' * (size // 6),
    "unclosed expressions in values": lambda size: '<a b="@(' * (size // 8),
    "unclosed expressions in text": lambda size: "<a>@{</a>" * (size // 9),
    "broken expressions in one tag": lambda size: "<a " + 'b="@(\'" ' * (size // 9),
    "broken expressions on lines of one tag": lambda size: "<a " + 'b="@(\'"\n' * (size // 9),
    "at-parentheses in text": lambda size: "<a>x" + " @(" * (size // 3),
    "at-parentheses in a value": lambda size: '<a b="x' + " @(" * (size // 3) + '"/>',
    "parentheses": lambda size: '<a b="@(' + "(" * size + '"/>',
    "interpolated strings": lambda size: '<a b="@(' + '$"{' * (size // 3) + '"/>',
    "verbatim quotes": lambda size: "<a>@(" + '@"""' * (size // 4) + ")</a>",
    "slashes": lambda size: "<a>@(" + "/*" * (size // 2) + ")</a>",
    "comment openers": lambda size: "<!--" * (size // 4),
    "CDATA openers": lambda size: "<![CDATA[" * (size // 9),
    "instruction openers": lambda size: "<?a" * (size // 3),
    "document types": lambda size: "<!DOCTYPE a [" * (size // 13),
    "attributes": lambda size: "<a " + " ".join(f'b{n}="{n}"' for n in range(size // 12)) + ">",
    "equal attributes": lambda size: "<a " + 'b="1" ' * (size // 6) + "/>",
    "names": lambda size: "<" + "a" * size,
    "white space in a tag": lambda size: "<a" + " " * size + "<",
    "white space before quotes": lambda size: '<a b="' + " " * size + 'x="1"/>',
    "white space in an open value": lambda size: '<a b="' + " " * size + "<",
    "less-than signs in directives": lambda size: "<a>" + "{{< < <" * (size // 7),
    "marks of conflicts": lambda size: "<a>\n" + ("<<<<<<< " + "<" * (size // 2)) + "\n<<<<<<< a" * (size // 20),
    "named values": lambda size: "<a>" + "{{" * (size // 2) + "</a>",
    "Terraform openers": lambda size: '<a b="' + "${" * (size // 2) + '"/>',
    "Liquid openers": lambda size: '<set-body template="liquid">' + "{%" * (size // 2) + "</set-body>",
    "entities": lambda size: '<a b="' + "&quot;" * (size // 6) + '"/>',
    "quoted entities": lambda size: '<a b="@(' + "&quot;" * (size // 6) + ')"/>',
    "lines of opening tags": lambda size: "<a>\n" * (size // 4),
    "well-formed": lambda size: '<a><b c="@(d("e"))">f</b></a>' * (size // 29),
}


def seconds(work: Callable[[], object]) -> float:
    """Return the best processor time of a few runs."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def measure_files(folder: Path) -> None:
    """Print the speed on real files, and on the well-formed ones beside lxml."""
    texts = [path.read_text("utf-8") for path in sorted(folder.rglob("*")) if path.suffix in {".xml", ".tpl"}]
    each = [seconds(partial(parse_anew, text)) for text in texts]
    characters = sum(map(len, texts))
    print(f"{len(texts)} files, {characters:,} characters: {characters / sum(each) / 1e6:.1f} MB/s,")
    print(f"  per file: median {statistics.median(each) * 1e3:.2f} ms, longest {max(each) * 1e3:.2f} ms")
    large = "".join(texts)[:LARGE]
    took = seconds(partial(parse_anew, large)) * 1e3
    print(f"  the first {len(large):,} characters of them as one document: {took:.1f} ms")
    well_formed = [text for text in texts if _is_well_formed(text)]
    ours = seconds(lambda: [parse_anew(text) for text in well_formed])
    theirs = seconds(lambda: [etree.fromstring(text.encode()) for text in well_formed])
    walked = seconds(lambda: [_walk(etree.fromstring(text.encode())) for text in well_formed])
    print(f"{len(well_formed)} well-formed files: {sum(map(len, well_formed)) / ours / 1e6:.1f} MB/s,")
    print(
        f"  {ours / theirs:.1f} times the time lxml takes, {ours / walked:.1f} times when its attributes are read too"
    )


def measure_hostile() -> None:
    """Print, for each hostile shape, the time and how it grows when the size doubles (2.0 is linear)."""
    for name, shape in HOSTILE.items():
        times = [seconds(partial(parse_anew, shape(size))) for size in SIZES]
        growth = times[-1] / max(times[-2], 1e-4)
        print(f"  {name:<32} {times[-1] * 1e3:8.1f} ms for {SIZES[-1]:,} characters, growth {growth:.1f}")


def _is_well_formed(text: str) -> bool:
    try:
        etree.fromstring(text.encode())
    except etree.XMLSyntaxError:
        return False
    return True


def _walk(root: etree._Element) -> int:
    return sum(len(dict(element.attrib)) for element in root.iter(etree.Element))


if __name__ == "__main__":
    measure_files(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent)
    print("hostile shapes:")
    measure_hostile()
