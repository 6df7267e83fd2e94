"""The language server: one of the two faces of Claimlens.

Where to look:

* `claimlens.lsp.routes` is the table of everything the server does; start there.
* ``features`` holds the handlers, one module per LSP feature, each a few lines of glue.
* `claimlens.lsp.server` is the object that handlers get: documents, settings, analyses, clock.
* `claimlens.lsp.protocol` and `claimlens.lsp.framing` make pygls answer correctly whatever a client sends.
* `claimlens.lsp.start` is the command ``claimlens lsp``.

This package decides nothing about a token or a policy: it asks the layers below and turns their values into LSP types.
Importing it is free; pygls and lsprotocol (half a second) are imported when a server starts.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the language server until its client leaves; return the exit status.

    ``argv`` are the arguments after ``claimlens lsp``; those of the process by default.
    """
    from claimlens.lsp.start import main as start

    return start(argv)
