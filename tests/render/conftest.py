"""Puts the folder on the path: tests below it import `made`."""
