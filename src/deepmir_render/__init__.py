"""A renderer of training music with exact annotations.

Songs from several sources are rearranged, performed, played by soundfonts, sung, mixed and
labelled; every label is exact because the sound is made from it. `recipes.py` has the presets,
`tracks.py` the tracks of a set, and `rendering.py` takes one track from its song to its files.
Each subpackage depends only on those before it: sources, writing, playing, singing, mixing,
labelling.
"""
