"""A game, cut from a template for applications."""
