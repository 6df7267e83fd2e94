"""The program: ``claimlens`` and ``python -m claimlens``. Sends its arguments to one of the two faces."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``claimlens`` with ``argv`` (those of the process by default); return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["lsp"]:  # the server reads its own arguments, and clients pass whatever they like
        from claimlens.lsp import main as serve

        return serve(arguments[1:])
    from claimlens.cli import main as command_line

    return command_line(arguments)


if __name__ == "__main__":
    sys.exit(main())
