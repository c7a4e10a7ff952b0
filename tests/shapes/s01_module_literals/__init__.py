"""A demonstration of Channels: a form that posts, and two endpoints that sign."""
