"""Events on a campus, with a chat for those who go there."""
