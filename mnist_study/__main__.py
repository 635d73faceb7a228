"""``python -m mnist_study``: the command line."""

import sys

from .cli import main

sys.exit(main())
