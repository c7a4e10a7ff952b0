"""A child that is refused a call, swallows that, and leaves without a word."""

from __future__ import annotations

import os
import subprocess
import sys

if sys.argv[1:]:
    import swallowed  # type: ignore[import-not-found] # noqa: F401

    os._exit(0)
subprocess.run([sys.executable, __file__, "child"], check=True)
