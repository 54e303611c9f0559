"""Representations as pictures: in the pages of the report, and by `deepmir plot`."""
