"""A trial in one file."""
