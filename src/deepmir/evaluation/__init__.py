"""Predictions for the test tracks, and their scores."""
