"""Annotations of what was played."""
