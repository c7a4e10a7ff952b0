"""What ``pusher-mock run`` starts in every Python process of a command, before its application.

The folder ``startup`` is put first on ``PYTHONPATH``. It holds ``sitecustomize`` and nothing else,
so that it hides no module of an application; the modules beside the folder do the work.
"""

from __future__ import annotations

from .orders import REPORTS, VARIABLE, Orders

__all__ = ["REPORTS", "VARIABLE", "Orders"]
