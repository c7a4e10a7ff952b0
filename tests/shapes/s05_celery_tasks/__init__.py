"""News, told by a worker."""
