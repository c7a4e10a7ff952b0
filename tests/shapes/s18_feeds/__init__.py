"""Prices of an exchange, as they change."""
