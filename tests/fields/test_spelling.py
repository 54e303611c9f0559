import unicodedata

from pydantic import TypeAdapter

from deepmir.fields import Text


def test_a_label_looks_as_it_does_in_a_table():
    for form in ("NFC", "NFD"):
        assert TypeAdapter(Text).validate_python(unicodedata.normalize(form, "Zoë")) == "Zoë"
