"""The base protocol: whatever bytes come in, later messages are read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.lsp.framing import MAXIMUM_BODY, MAXIMUM_HEADER, Fault, Frames, frame

GOOD = b'{"jsonrpc":"2.0"}'


def items(*chunks: bytes) -> list[bytes | Fault]:
    frames = Frames()
    return [item for chunk in chunks for item in frames.feed(chunk)]


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 17\r\n\r\n",
        b"content-length: 17\r\n\r\n",
        b"CONTENT-LENGTH:17\r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 17\r\n\r\n",
        b"Content-Length: 17\r\nX-Other: 1\r\n\r\n",
        b"Content-Length: 17\n\n",
        b"Content-Length : 17 \r\n\r\n",
    ],
)
def test_a_header_is_read_in_every_spelling(header: bytes) -> None:
    assert items(header + GOOD) == [GOOD]


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", Fault.TOO_LONG),
        (b"Content-Length: 1000000000000\r\n\r\n", Fault.TOO_LONG),
        (b"Content-Length: -5\r\n\r\n", Fault.HEADER),
        (b"Content-Length: many\r\n\r\n", Fault.HEADER),
        (b"Content-Length:\r\n\r\n", Fault.HEADER),
        (b"X-Other: 1\r\n\r\n", Fault.HEADER),
        (b"x" * (MAXIMUM_HEADER + 10), Fault.HEADER),
        (b"\xff\xfe\x00\r\n\r\n", Fault.HEADER),
    ],
)
def test_a_damaged_header_costs_one_message(damage: bytes, fault: Fault) -> None:
    assert items(damage + b'{"a": 1}' + frame(GOOD)) == [fault, GOOD]


def test_a_body_that_is_too_long_is_skipped_to_its_end() -> None:
    length = MAXIMUM_BODY + 1
    found = items(b"Content-Length: %d\r\n\r\n" % length, b"Content-Length: 3\r\n\r\n{} ".ljust(length), frame(GOOD))
    assert found == [Fault.TOO_LONG, GOOD]


def test_an_empty_body_is_a_message_and_blank_lines_are_none() -> None:
    assert items(b"\r\n\r\n" + frame(b"") + frame(GOOD)) == [b"", GOOD]


@given(st.lists(st.binary(max_size=50), max_size=5), st.data())
def test_chunks_may_be_cut_anywhere(bodies: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(map(frame, bodies))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    chunks = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert items(*chunks) == bodies


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail(noise: bytes) -> None:
    frames = Frames()
    assert all(isinstance(item, bytes | Fault) for item in frames.feed(noise))
