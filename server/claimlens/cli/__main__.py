"""``python -m claimlens.cli``: the same as ``claimlens``."""

import sys

from claimlens.cli import main

sys.exit(main())
