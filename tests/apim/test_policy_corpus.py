"""What is promised on the policies people really write (``CLAIMLENS_CORPUS`` names the folder that holds them)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from claimlens.apim.document import PolicyDocument, unparse
from claimlens.apim.model import CData, Element, Node, Text
from claimlens.apim.parser import parse
from claimlens.apim.values import decode_entities

FOLDER = Path(os.environ.get("CLAIMLENS_CORPUS", "")) / "apim"
FILES = sorted(path for path in FOLDER.glob("*") if path.suffix in {".xml", ".tpl"}) if FOLDER.is_dir() else []
REALLY_BROKEN = "examples_Call_out_to_an_HTTP_endpoint_and_cache_the_response.policy.xml"
pytestmark = pytest.mark.skipif(not FILES, reason="no corpus at hand")


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_real_policy_reads_without_loss_or_problem(path: Path) -> None:
    text = text_of(path)
    document = parse(text)
    assert unparse(document) == text
    if not path.name.endswith(REALLY_BROKEN):
        assert document.problems == ()


def test_the_broken_file_gets_one_problem_and_keeps_its_structure() -> None:
    (path,) = [path for path in FILES if path.name.endswith(REALLY_BROKEN)]
    document = parse(text_of(path))
    assert [problem.code for problem in document.problems] == ["syntax-unterminated-string-in-expression"]
    assert list(document.sections()) == ["inbound", "backend", "outbound", "on-error"]


Outline = Iterator[tuple[str, list[tuple[str, str]], str]]


def outline(document: PolicyDocument) -> Outline:
    """Yield (path of names, attributes, text) of each element."""
    paths: dict[Element, str] = {}
    for element in document.elements:
        parent = document.parent(element)
        paths[element] = f"{paths[parent] if parent else ''}/{element.name}"
        attributes = [(item.name, normal(decode_entities(item.raw))) for item in element.attributes]
        attributes = [item for item in attributes if not item[0].startswith("xmlns")]
        yield paths[element], attributes, "".join(map(text_in, element.children)).replace("\r\n", "\n")


def text_in(node: Node) -> str:
    if isinstance(node, CData):
        return node.raw[len("<![CDATA[") : -len("]]>")]
    return decode_entities(node.raw) if isinstance(node, Text) else ""


def lxml_outline(root: Any) -> Outline:
    paths: dict[Any, str] = {}
    for element in root.iter(etree.Element):
        name = qualified(element, element.tag)
        parent = element.getparent()
        paths[element] = f"{paths[parent] if parent is not None else ''}/{name}"
        attributes = [(qualified(element, key), normal(value)) for key, value in element.attrib.items()]
        yield paths[element], attributes, "".join(element.xpath("text()"))


def qualified(element: Any, tag: str) -> str:
    name = etree.QName(tag)
    prefix = next((prefix for prefix, uri in element.nsmap.items() if uri == name.namespace), None)
    return f"{prefix}:{name.localname}" if prefix else name.localname


def normal(value: str) -> str:
    """Normalise white space as XML does in attributes."""
    return value.replace("\r\n", " ").translate({9: " ", 10: " ", 13: " "})


def test_on_well_formed_policies_the_tree_is_the_one_of_lxml() -> None:
    compared = 0
    for path in FILES:
        try:
            root = etree.fromstring(path.read_bytes())
        except etree.XMLSyntaxError:
            continue
        assert list(outline(parse(text_of(path)))) == list(lxml_outline(root)), path.name
        compared += 1
    assert compared >= 90
