import unicodedata

import pytest

from deepmir.errors import DeepmirError
from deepmir.files.text import read_csv, read_text

WORDS = "Zoë,Größe\n1,2\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "cp1252"]
)
def test_every_usual_encoding_is_the_same_text(tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes(WORDS.encode(encoding))
    assert read_text(path) == WORDS
    path.write_bytes(unicodedata.normalize("NFD", WORDS).encode("utf-8"))
    assert read_text(path) == WORDS


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"caf\x8d", "neither UTF-8, UTF-16 nor Latin-1"),
        (WORDS.encode("utf-16-le"), "zero bytes: save it as UTF-8"),
        (b"\xff\xfea", "neither UTF-8"),
    ],
)
def test_what_is_in_no_encoding_is_refused_with_its_name(tmp_path, data, said):
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(DeepmirError, match=rf"a\.csv: .*{said}"):
        read_text(tmp_path / "a.csv")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(DeepmirError, match=r"none\.csv is missing"):
        read_text(tmp_path / "none.csv")
    with pytest.raises(DeepmirError, match=r"cannot be read"):
        read_text(tmp_path)
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(2**26 + 1)
    with pytest.raises(DeepmirError, match=r"huge\.csv is larger than 64 MiB"):
        read_text(tmp_path / "huge.csv")


def test_a_csv_of_a_german_spreadsheet_has_the_same_rows(tmp_path):
    path = tmp_path / "a.csv"
    rows = [(1, ["a", "b"]), (3, ['x "y"', "one\r\ntwo"])]
    path.write_bytes(b'a,b\r\n"x ""y""","one\r\ntwo"\r\n')
    assert read_csv(path) == rows
    path.write_bytes(b'a;b\r\n"x ""y""";"one\r\ntwo"\r\n\r\n')
    assert read_csv(path) == rows
    path.write_text("a" * 200_000)
    with pytest.raises(DeepmirError, match=r"a\.csv, line 1: not CSV"):
        read_csv(path)
