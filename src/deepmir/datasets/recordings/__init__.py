"""Freely usable real recordings, to test generalisation: docs/history.md."""
