"""Fights between bands, and who follows them."""
