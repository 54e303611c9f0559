from xml.etree import ElementTree

import pytest

from deepmir.networks import describe, draw
from deepmir.networks.zoo import ZOO

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("entry", ZOO, ids=[entry.name for entry in ZOO])
def test_every_layer_and_shape_is_in_the_picture(entry):
    described = describe(entry.notation, entry.input, entry.output)
    picture = ElementTree.fromstring(draw(described))
    texts = [text.text for text in picture.iter(f"{SVG}text")]
    for layer in described.layers:
        assert str(layer.output) in texts
        name = layer.layer.removeprefix("| ")
        assert {"res": "+", "highway": "gate", "parallel": "stack"}.get(name, name) in texts
    assert float(picture.get("width")) > 0
