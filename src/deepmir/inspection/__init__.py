"""Inspection of a trained network (tutorial, Figures 7, 9, 10 and 11): `deepmir inspect`."""
