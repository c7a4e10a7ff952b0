"""A game in a page from elsewhere."""
