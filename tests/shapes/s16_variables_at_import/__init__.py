"""How many look at a site."""
