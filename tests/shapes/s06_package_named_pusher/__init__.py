"""Portfolios of pupils, and what their teachers write."""
