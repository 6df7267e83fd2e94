"""``python -m claimlens.lsp``: the language server alone, for clients that bring their own interpreter."""

import sys

from claimlens.lsp import main

if __name__ == "__main__":
    sys.exit(main())
