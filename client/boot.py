"""Starts the language server that comes with the extension: ``python -I -S -X utf8 boot.py``.

The flags keep the user's environment out: with them only the standard library is on the path, and this adds the
folder beside it. The extension packs this file as ``bundled/boot.py``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "libs"))

from claimlens.lsp import main

sys.exit(main(sys.argv[1:]))
