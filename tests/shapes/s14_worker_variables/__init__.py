"""Analyses of slides, in a container."""
