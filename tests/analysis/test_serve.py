"""The server: access, accepted requests, and that nothing is kept."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.client import HTTPConnection
from pathlib import Path

import pytest
from a_song import full, record
from hypothesis import given
from hypothesis import strategies as st

from chromium import needs_chromium, until
from deepmir.analysis import engine, jobs, serve
from deepmir.analysis.results import Analysis
from deepmir.errors import DeepmirError


class Running:
    """A server in a thread, with a browser's requests."""

    def __init__(self, folder):
        self.folder = folder
        self.server = serve.Server(0, jobs.Jobs(folder, None))
        self.host = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def ask(self, path, body=None, **headers):
        """Status and text of a response."""
        request = urllib.request.Request(f"http://{self.host}{path}", data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def send(self, body, name="a%20song.wav", **headers):
        status, text = self.ask(f"/jobs?name={name}", body, **headers)
        return status, json.loads(text)

    def wait(self, job):
        """The state of a job once it is no longer waiting or running."""
        for _ in range(1000):
            status, text = self.ask(f"/jobs/{job}")
            state = json.loads(text)
            if status != 200 or "error" in state or state["done"]:
                return state
            time.sleep(0.02)
        raise AssertionError("it never ends")

    def jobs(self):
        return list(self.server.jobs._jobs.values())

    def left(self):
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*"))


@pytest.fixture
def gate(monkeypatch):
    """Analyses are `a_song.full`, and wait while the gate is closed."""
    opened = threading.Event()
    opened.set()

    def analyze(path, models=None):
        assert opened.wait(10)
        if b"RIFF" not in Path(path).read_bytes()[:4]:
            raise DeepmirError(f"{path}: not readable as audio (no)")
        return Analysis(Path(path), full(Path(path).stem))

    monkeypatch.setattr(engine, "analyze", analyze)
    return opened


@pytest.fixture
def running(tmp_path, gate):
    found = Running(tmp_path)
    with found.server:
        yield found
        gate.set()
        # What still waits would be analysed by the networks once the gate is gone, and a thread
        # that is inside torch when Python ends aborts the whole run.
        while any(job.state in ("waiting", "running") for job in found.jobs()):
            time.sleep(0.01)
        found.server.shutdown()


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    return record(tmp_path_factory.mktemp("song") / "song.wav").read_bytes()


def test_a_recording_gives_a_page_once_and_nothing_is_left(running, song):
    status, answer = running.send(song, name="Vergn%C3%BCgt%20%26%20%3Cb%3E.wav")
    assert status == 202
    assert running.wait(answer["job"])["done"] is True
    assert running.left() == [answer["job"], f"{answer['job']}/page.html", f"{answer['job']}/sent"]
    status, text = running.ask(f"/results/{answer['job']}")
    assert status == 200
    assert "<h1>Vergnügt &amp; &lt;b&gt;" in text
    assert 'id="analysis"' in text and 'class="segment"' in text
    assert running.left() == []
    status, text = running.ask(f"/results/{answer['job']}")
    assert status == 404 and "shown once" in text


def test_the_first_page_asks_for_a_file(running):
    status, text = running.ask("/")
    assert status == 200
    assert 'type="file"' in text and "Up to 100 MB" in text
    assert "http://" not in text and "https://" not in text


def test_what_is_no_audio_gives_one_line_with_the_name_that_it_was_sent_under(running):
    _, answer = running.send(b"hello", name="notes.txt")
    assert running.wait(answer["job"]) == {"error": "notes.txt: not readable as audio (no)"}
    assert running.left() == []
    assert running.ask(f"/jobs/{answer['job']}")[0] == 404


def test_a_fault_of_ours_is_a_line_and_the_next_recording_is_taken(running, song, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(engine, "analyze", lambda path, models=None: 1 / 0)
        _, answer = running.send(song, name="a.wav")
        assert "a.wav: deepmir failed (ZeroDivisionError" in running.wait(answer["job"])["error"]
    _, answer = running.send(song)
    assert running.wait(answer["job"])["done"]


def test_too_large_is_refused_before_and_while_it_is_read(running, monkeypatch):
    monkeypatch.setattr(serve, "LIMIT", 1000)
    status, answer = running.send(b"x" * 1001)
    assert status == 413 and "too large" in answer["error"]
    assert running.left() == []
    # More than was announced is not read as part of the file.
    seen = []
    monkeypatch.setattr(engine, "analyze", lambda p, models=None: seen.append(p.read_bytes()))
    with socket.create_connection(("127.0.0.1", running.server.server_port)) as raw:
        head = f"POST /jobs?name=a HTTP/1.1\r\nHost: {running.host}\r\nContent-Length: 10\r\n\r\n"
        raw.sendall(head.encode() + b"y" * 3000)
        raw.recv(1000)
    for _ in range(100):
        if seen:
            break
        time.sleep(0.02)
    assert seen == [b"y" * 10]


def test_a_recording_that_does_not_arrive_whole_is_dropped(running):
    with socket.create_connection(("127.0.0.1", running.server.server_port)) as raw:
        head = f"POST /jobs?name=a HTTP/1.1\r\nHost: {running.host}\r\nContent-Length: 10\r\n\r\n"
        raw.sendall(head.encode() + b"abc")
        raw.shutdown(socket.SHUT_WR)
        assert b"400" in raw.recv(1000).split(b"\r\n")[0]
    assert running.left() == []


@pytest.mark.parametrize("length", ["", "-1", "1e3", "99999999999999999999"])
def test_a_request_has_to_say_its_length(running, length):
    connection = HTTPConnection(running.host)
    connection.putrequest("POST", "/jobs?name=a")
    if length:
        connection.putheader("Content-Length", length)
    connection.endheaders()
    assert connection.getresponse().status == 411


def test_only_so_many_wait(running, song, gate):
    gate.clear()
    _, first = running.send(song)
    for _ in range(100):
        if "Listening" in running.ask(f"/jobs/{first['job']}")[1]:
            break
        time.sleep(0.02)
    waiting = [running.send(song) for _ in range(jobs.WAITING)]
    assert {status for status, _ in waiting} == {202}
    says = json.loads(running.ask(f"/jobs/{waiting[1][1]['job']}")[1])["says"]
    assert says == "Waiting: 2 ahead of this one"
    status, answer = running.send(song)
    assert status == 503 and "Try again" in answer["error"]
    gate.set()
    assert all(running.wait(answer["job"])["done"] for _, answer in waiting)


def trickle(running, name):
    """A connection that has announced a recording but sends little of it."""
    sent = socket.create_connection(("127.0.0.1", running.server.server_port), timeout=10)
    head = f"POST /jobs?name={name} HTTP/1.1\r\nHost: {running.host}\r\nContent-Length: 999999"
    sent.sendall(head.encode() + b"\r\n\r\nRI")
    return sent


def test_slow_uploads_take_no_place_of_those_that_wait(running, song):
    slow = [trickle(running, f"slow{i}.wav") for i in range(6)]
    try:
        while len(running.jobs()) < len(slow):
            time.sleep(0.02)
        status, answer = running.send(song)
        assert status == 202
        assert running.wait(answer["job"])["done"]
    finally:
        for each in slow:
            each.close()


def test_a_trickle_ends_in_time(running, monkeypatch):
    monkeypatch.setattr(serve, "WHOLE", 0.2)
    with trickle(running, "slow.wav") as sent:
        for _ in range(100):
            time.sleep(0.02)
            try:
                sent.sendall(b"x")
            except OSError:
                break
        assert b"it took more than 0.2 s" in sent.recv(10_000)
    assert running.jobs() == []


def test_a_result_that_nobody_fetches_is_forgotten(running, song, monkeypatch):
    _, answer = running.send(song)
    assert running.wait(answer["job"])["done"]
    monkeypatch.setattr(jobs, "KEPT", 0.0)
    assert running.ask(f"/results/{answer['job']}")[0] == 404
    assert running.left() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:{port}"},
        {"Host": "127.0.0.1"},
        {"Host": ""},
    ],
)
def test_another_host_is_refused(running, headers):
    port = running.server.server_port
    headers = {name: value.format(port=port) for name, value in headers.items()}
    assert running.ask("/", **headers)[0] == 403
    assert running.ask("/jobs?name=a", b"abc", **headers)[0] == 403
    assert running.left() == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", ""])
def test_another_site_cannot_send(running, origin):
    status, answer = running.send(b"abc", Origin=origin)
    assert status == 403 and "another site" in answer["error"]
    assert running.left() == []


def test_our_own_page_may_send_under_both_names(running, song):
    port = running.server.server_port
    for host in (f"127.0.0.1:{port}", f"localhost:{port}"):
        assert running.send(song, Host=host, Origin=f"http://{host}")[0] == 202


@pytest.mark.parametrize(
    "path",
    [
        *("/../../etc/passwd", "/results/../../etc/passwd", "/results/%2e%2e%2fetc", "/jobs/"),
        *("/results/unknown", "/jobs", "//etc/passwd", "/results/"),
    ],
)
def test_no_other_file_can_be_had(running, path):
    connection = HTTPConnection(running.host)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == 404
    assert b"root:" not in answer.read()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\nb\0c.mp3", "a b c.mp3"),
        ("...", "recording"),
        (".bashrc", "bashrc"),
        ("", "recording"),
        ("Séculaire feat. Nÿme.mp3", "Séculaire feat. Nÿme.mp3"),
    ],
)
def test_a_name_names_a_file_in_its_folder(sent, kept):
    assert serve.file_name(sent) == kept


@given(st.text())
def test_any_name_can_be_that_of_a_file(sent):
    name = serve.file_name(sent)
    assert Path(name).name == name and not name.startswith(".")
    assert 0 < len(os.fsencode(name)) < 255 and name.isprintable()


def test_a_port_that_is_taken_is_one_line(running, monkeypatch):
    from deepmir.analysis import models

    monkeypatch.setattr(models, "find", lambda given: {})
    with pytest.raises(DeepmirError, match="cannot be used.*another --port"):
        serve.run(running.server.server_port, None)


SERVE = """
import sys
from pathlib import Path
from deepmir.analysis import engine, models, serve
models.find = lambda given: {}
engine.analyze = lambda path, models=None: __import__("time").sleep(60)
serve.run(0, None)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_in_the_middle_it_ends_cleanly_and_keeps_nothing(tmp_path, number, song):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", SERVE]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        address = process.stdout.readline().split()[0]
        request = urllib.request.Request(f"{address}/jobs?name=a.wav", data=song)
        job = json.loads(urllib.request.urlopen(request).read())["job"]
        assert len(list(tmp_path.iterdir())) == 1
        for _ in range(100):
            if b"Listening" in urllib.request.urlopen(f"{address}/jobs/{job}").read():
                break
            time.sleep(0.02)
        process.send_signal(number)
        try:
            _, errors = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == 0
    assert errors == "\nstopped; nothing was kept\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.browser
@needs_chromium
def test_a_person_chooses_a_file_and_sees_the_result(running, song, browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    (folder / "notes.txt").write_text("hello")
    (folder / "My <b>song.wav").write_bytes(song)
    browser.get(f"http://{running.host}/")
    field = browser.find_element("id", "file")
    field.send_keys(str(folder / "notes.txt"))
    error = browser.find_element("id", "error")
    until(browser, lambda: error.is_displayed())
    assert error.text == "notes.txt: not readable as audio (no)"
    field.send_keys(str(folder / "My <b>song.wav"))
    until(browser, lambda: "/results/" in browser.current_url)
    assert browser.find_element("tag name", "h1").text.startswith("My <b>song")
    browser.execute_script("player.play()")
    until(browser, lambda: browser.execute_script("return player.time") > 0.1)
    assert running.left() == []
    assert browser.get_log("browser") == []


def test_it_ends_after_the_recording_that_is_being_analysed(tmp_path, monkeypatch):
    began, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def slow(path, models):
        began.set()
        may_end.wait(10)
        ended.set()
        raise DeepmirError("slow")

    monkeypatch.setattr(engine, "analyze", slow)
    waiting = jobs.Jobs(tmp_path, None)
    for name in ("a.wav", "b.wav"):
        job = waiting.place(name)
        job.recording.write_bytes(b"")
        waiting.submit(job)
    assert began.wait(10)
    threading.Timer(0.05, may_end.set).start()
    waiting.close()
    assert ended.is_set()
    assert job.state == "waiting"
