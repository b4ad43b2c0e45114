"""`python -m suite`."""

import sys

if not sys.flags.safe_path:
    # The current folder, where a user's `random.py` or `pandas.py` would be imported for the library's.
    del sys.path[0]

from suite.commands import main

raise SystemExit(main())
