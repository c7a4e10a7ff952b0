"""Forecasts of what panels yield."""
