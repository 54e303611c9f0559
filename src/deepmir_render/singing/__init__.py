"""Voices: formants and speech."""
