"""``python -m pusher_mock.cli``."""

from __future__ import annotations

from .entry import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
