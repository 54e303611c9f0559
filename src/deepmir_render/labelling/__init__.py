"""Annotations of performances."""
