"""Simulations, their reports, and the document that they come from."""
