"""Deliveries, whose every change is published."""
