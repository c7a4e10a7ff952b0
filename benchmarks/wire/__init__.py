"""Measures the server over real sockets, against references measured in the same run."""
