"""``python -m claimlens``: the command line."""

import sys

from claimlens.cli import main

sys.exit(main())
