"""Any bytes become text, and text goes back to the same bytes."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.services.encodings import decode


@pytest.mark.parametrize(
    ("data", "text", "name"),
    [
        (b"", "", "utf-8"),
        ("aé🔑".encode(), "aé🔑", "utf-8"),
        (codecs.BOM_UTF8 + "é".encode(), "é", "utf-8"),
        ("ab\r\nc".encode("utf-16-le"), "ab\r\nc", "utf-16-le"),
        ("ab\r\nc".encode("utf-16-be"), "ab\r\nc", "utf-16-be"),
        (codecs.BOM_UTF16_LE + "é漢".encode("utf-16-le"), "é漢", "utf-16-le"),
        (codecs.BOM_UTF16_BE + "é漢".encode("utf-16-be"), "é漢", "utf-16-be"),
        (codecs.BOM_UTF32_LE + "é".encode("utf-32-le"), "é", "utf-32-le"),
        ("naïve – €".encode("cp1252"), "naïve – €", "cp1252"),
        (b"caf\xe9 \x81", "café \x81", "latin-1"),
        ("é漢字".encode() + b" cut \xe6\xbc", "é漢字 cut \udce6\udcbc", "utf-8"),
    ],
)
def test_encodings_are_recognised(data: bytes, text: str, name: str) -> None:
    decoded = decode(data)

    assert decoded is not None
    assert (decoded[0], decoded[1].name) == (text, name)


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\x7fELF\x02\x01\x01\0\0", b"\0" * 100, b"a\0"])
def test_binaries_are_none(data: bytes) -> None:
    assert decode(data) is None


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_what_was_decoded_exactly_goes_back(data: bytes) -> None:
    decoded = decode(data)
    if decoded is not None and decoded[1].is_exact:
        assert decoded[1].encode(decoded[0]) == data
