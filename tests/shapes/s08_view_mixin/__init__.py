"""Pages that tell of being looked at."""
