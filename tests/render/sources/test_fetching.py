"""Fetching from a local server, with good and bad archives."""

import hashlib
import http.server
import io
import threading
import zipfile

import pytest

from deepmir.errors import DeepmirError
from deepmir_render.sources import downloading, fetching
from deepmir_render.sources.downloading import download

FILES = {"001/001.mid": b"one", "002/002.mid": b"two" * 500}


class Server(http.server.ThreadingHTTPServer):
    """Serves `content` by path; `cut` is the number of bytes after which it breaks off, once."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.cut, self.ranges, self.requests = {}, [], True, []

    def url(self, path):
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests.append((self.path, self.headers.get("Range")))
        body = self.server.content.get(self.path)
        if body is None:
            self.send_error(404)
            return
        start = 0
        if self.server.ranges and (wanted := self.headers.get("Range")):
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            if start >= len(body):
                self.send_error(416)
                return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        end = self.server.cut.pop(0) if self.server.cut else len(body)
        self.wfile.write(body[start : max(start, end)])

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(downloading, "WAITS", (0.0, 0.0))
    with Server() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def zipped(files):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return memory.getvalue()


def archive(files=FILES, extra=()):
    return zipped({f"Set-abc/POP909/{n}": c for n, c in files.items()} | dict(extra))


def written(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture
def home(tmp_path, server, monkeypatch):
    digest = fetching.digest(written(tmp_path / "published", FILES), FILES)
    small = fetching.Published(
        title="Small set",
        url=server.url("/small.zip"),
        licence="MIT",
        members=fetching.SOURCES["pop909"].members,
        names=lambda folder: list(FILES),
        digest=digest,
    )
    monkeypatch.setitem(fetching.SOURCES, "small", small)
    server.content["/small.zip"] = archive(extra=[("Set-abc/LICENSE", b"MIT")])
    return tmp_path / "home"


def everything(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_fetched(home):
    with pytest.raises(DeepmirError, match=r"001.mid is missing, and 1 files more.*deepmir fetch"):
        fetching.check(home, ["small"])
    home.mkdir()
    told = fetching.fetch(home, ["small"])
    assert "Small set, MIT: fetched" in told
    placed = {f"small/{name}": content for name, content in FILES.items()}
    assert everything(home) == placed | {"small/LICENSE": b"MIT"}
    fetching.check(home, ["small"])


def test_home_is_made(home):
    fetching.fetch(home / "deeper", ["small"])
    fetching.check(home / "deeper", ["small"])


def test_copy_is_taken_as_it_is(home, server):
    written(home / "small", FILES | {"own.txt": b"kept"})
    assert "was there" in fetching.fetch(home, ["small"])
    assert server.requests == []


@pytest.mark.parametrize("there", [{"001/001.mid": b"one"}, FILES | {"001/001.mid": b"altered"}])
def test_partial_or_altered_copy_is_mended(home, there):
    written(home / "small", there | {"own.txt": b"kept"})
    fetching.fetch(home, ["small"])
    found = everything(home / "small")
    assert {name: found[name] for name in FILES} == FILES
    assert found["own.txt"] == b"kept"


def test_partial_copy_is_named(home):
    written(home / "small", {"001/001.mid": b"one"})
    with pytest.raises(DeepmirError, match=r"small/002/002.mid is missing: .*deepmir fetch"):
        fetching.check(home, ["small"])


def test_other_content_is_refused(home, server):
    server.content["/small.zip"] = archive(FILES | {"001/001.mid": b"other"})
    with pytest.raises(DeepmirError, match="no longer has Small set as published"):
        fetching.fetch(home, ["small"])
    assert everything(home) == {}
    server.content["/small.zip"] = archive()
    fetching.fetch(home, ["small"])


def test_archive_that_lacks_a_file(home, server):
    server.content["/small.zip"] = archive({"001/001.mid": b"one"})
    with pytest.raises(DeepmirError, match=r"lacks 002/002.mid"):
        fetching.fetch(home, ["small"])


def test_what_is_no_archive(home, server):
    for body in (b"<html>not found</html>", archive()[:-40], b""):
        server.content["/small.zip"] = body
        with pytest.raises(DeepmirError, match="is broken"):
            fetching.fetch(home, ["small"])
    assert everything(home) == {}


@pytest.mark.parametrize("evil", ["../../evil.mid", "a/../../../evil.mid", "/tmp/evil.mid"])
def test_nothing_is_written_outside(tmp_path, evil):
    path = tmp_path / "evil.zip"
    path.write_bytes(zipped({f"groove/drummer1/{evil}": b"evil", "groove/info.csv": b""}))
    folder = tmp_path / "deep" / "in" / "home"
    groove = fetching.SOURCES["groove_midi"].members
    folder.mkdir(parents=True)
    with pytest.raises(DeepmirError, match="not a file of the data set"):
        fetching.unpack(path, folder, r"groove/drummer1/(.+)" if "/tmp" in evil else groove)
    assert not list(tmp_path.rglob("evil.mid"))


def test_only_what_is_wanted_is_unpacked(tmp_path):
    path = tmp_path / "set.zip"
    path.write_bytes(archive(extra=[("Set-abc/POP909/001/versions/001-v1.mid", b"no")]))
    fetching.unpack(path, tmp_path / "out", fetching.SOURCES["pop909"].members)
    assert everything(tmp_path / "out") == FILES


def test_interrupted_and_again(home, server, monkeypatch):
    size = len(server.content["/small.zip"])
    server.cut = [300, 600, 900]
    with pytest.raises(DeepmirError, match=f"after 900 of {size} bytes.*run again"):
        fetching.fetch(home, ["small"])
    server.requests.clear()
    fetching.fetch(home, ["small"])
    assert server.requests == [("/small.zip", "bytes=900-")]
    fetching.check(home, ["small"])


def test_interrupted_while_files_are_placed(home, server, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(fetching, "_place", lambda *args: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            fetching.fetch(home, ["small"])
    server.requests.clear()
    fetching.fetch(home, ["small"])
    assert server.requests == []  # the archive was there
    assert [path.name for path in home.iterdir()] == ["small"]


def test_server_that_knows_no_ranges(home, server):
    server.ranges = False
    server.cut = [400]
    fetching.fetch(home, ["small"])
    fetching.check(home, ["small"])
    assert len(server.requests) == 2


def test_part_that_is_longer_than_the_file(home, server):
    part = home / fetching.ARCHIVES / "small.zip.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 99999)
    fetching.fetch(home, ["small"])
    fetching.check(home, ["small"])


def test_file_that_is_not_served(tmp_path, server):
    with pytest.raises(DeepmirError, match="the server says 404"):
        download(server.url("/nothing"), tmp_path / "file")
    assert len(server.requests) == 1


def test_no_server(tmp_path):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(downloading, "WAITS", ())
        with pytest.raises(DeepmirError, match="cannot be downloaded"):
            download("http://127.0.0.1:9/file", tmp_path / "file")


def test_checksum(tmp_path, server):
    server.content["/file"] = b"content"
    right = hashlib.sha256(b"content").hexdigest()
    download(server.url("/file"), tmp_path / "file", right)
    assert (tmp_path / "file").read_bytes() == b"content"
    with pytest.raises(DeepmirError, match=f"has the SHA-256 {right}, not abc"):
        download(server.url("/file"), tmp_path / "other", "abc")
    assert not (tmp_path / "other").exists()


def test_other_addresses(tmp_path):
    with pytest.raises(DeepmirError, match="is not an HTTP address"):
        download((tmp_path / "file").as_uri(), tmp_path / "copy")


def test_home_that_cannot_be_written(home):
    home.parent.mkdir(parents=True, exist_ok=True)
    home.write_text("a file")
    with pytest.raises(DeepmirError, match="cannot be put there"):
        fetching.fetch(home, ["small"])


def test_table(tmp_path):
    assert set(fetching.SOURCES) == {"pop909", "pop909_cl", "pop909_structure", "groove_midi"}
    for source in fetching.SOURCES.values():
        assert source.url.startswith("https://")
        assert len(source.digest) == 64
        assert source.licence
    assert fetching.SOURCES["groove_midi"].names(tmp_path) == ["info.csv"]
    names = fetching.SOURCES["pop909_structure"].names(tmp_path)
    assert len(names) == len(set(names)) == 1818
