"""The page of an analysis in Debian's chromium: user actions, and an empty console."""

import numpy as np
import pytest
import soundfile
from a_song import EMPTY, EVIL, SECONDS, SOURCES, dense, full, record, statement

from chromium import needs_chromium, resize, until
from deepmir.analysis import page
from deepmir.analysis.page import coding
from deepmir.analysis.results import Analysis
from deepmir.files.annotations import Jams

pytestmark = [pytest.mark.browser, needs_chromium]
LANES = [
    *("overview", "ruler", "wave", "sections", "beats", "key", "chords", "melody", "notes"),
    *("singing", "instruments", "onsets", "spectrum"),
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The pages of a full, a malicious, a nearly empty and a silent analysis."""
    folder = tmp_path_factory.mktemp("pages")
    song = record(folder / "a song.wav")
    silence = folder / "silence.wav"
    soundfile.write(silence, np.zeros(40_000), 8000)
    found = tuple(statement(*pair) for pair in EMPTY)
    page.write(Analysis(song, full(), SOURCES), song, folder / "full.html")
    page.write(Analysis(song, full(EVIL, EVIL), SOURCES), song, folder / "evil.html")
    page.write(Analysis(song, Jams(SECONDS, full().annotations[:1])), song, folder / "tempo.html")
    page.write(Analysis(silence, Jams(5.0, found)), silence, folder / "silent.html")
    return folder


@pytest.fixture
def visit(pages, browser):
    """Open a page; at the end, the console must be empty."""
    resize(browser, 1280, 900)

    def open_(name):
        browser.get((pages / f"{name}.html").as_uri())
        return browser

    yield open_
    browser.execute_script("player.pause()")
    assert browser.get_log("browser") == []


def ask(browser, what):
    return browser.execute_script(f"return {what}")


def press(browser, *keys):
    from selenium.webdriver.common.action_chains import ActionChains

    actions = ActionChains(browser)
    for key in keys:
        actions.send_keys(key)
    actions.perform()


def by_mouse(browser, lane, x, button=True):
    """Move to a position in a lane, in pixels from its left, and click."""
    from selenium.webdriver.common.action_chains import ActionChains

    canvas = browser.find_element("css selector", f"#lane-{lane} canvas")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
    offset = x - canvas.size["width"] // 2
    actions = ActionChains(browser).move_to_element_with_offset(canvas, int(offset), 0)
    (actions.click() if button else actions).perform()


def colours(browser, lane):
    """The number of different colours in a lane."""
    script = """
      const canvas = document.querySelector(arguments[0]);
      const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;"""
    return browser.execute_script(script, f"#lane-{lane} canvas")


def test_every_lane_is_there_and_drawn(visit):
    browser = visit("full")
    found = browser.find_elements("class name", "lane")
    assert [one.get_attribute("id") for one in found] == [f"lane-{name}" for name in LANES]
    for name in LANES:
        until(browser, lambda name=name: colours(browser, name) > 1)
        canvas = browser.find_element("css selector", f"#lane-{name} canvas")
        assert canvas.accessible_name
    assert "3 chords" in browser.find_element("css selector", "#lane-chords canvas").accessible_name
    assert browser.find_element("id", "fact-key").text.startswith("Key\nE♭ minor quite sure (90 %)")


def test_it_plays_and_the_cursor_moves_over_all_lanes(visit):
    browser = visit("full")
    playhead = browser.find_element("id", "playhead")
    before = playhead.rect["x"]
    browser.find_element("id", "play").click()
    until(browser, lambda: ask(browser, "player.time") > 0.5)
    browser.find_element("id", "play").click()
    assert not ask(browser, "player.playing")
    time = ask(browser, "player.time")
    assert playhead.rect["x"] - before == pytest.approx(ask(browser, "axis.scale") * time, abs=2)
    last = browser.find_element("id", "lane-spectrum").rect
    assert playhead.rect["y"] + playhead.rect["height"] >= last["y"] + last["height"] - 1
    assert browser.find_element("id", "time").text == ask(browser, "clock(player.time)")


def test_music_goes_on_from_one_segment_to_the_next_with_clicks_on_its_beats(visit):
    """Playback is recorded: bursts of the music on one channel, clicks on the other."""
    browser = visit("full")
    script = """
      const done = arguments[0];
      player.seek(28.9);
      player.click(true);
      player.play().then(() => {
        const {context, music, clicks} = player.nodes;
        const recorder = context.createScriptProcessor(1024, 2, 1);
        const merger = context.createChannelMerger(2);
        music.connect(merger, 0, 0);
        clicks.connect(merger, 0, 1);
        merger.connect(recorder).connect(context.destination);
        const heard = [[], []];
        recorder.onaudioprocess = ({inputBuffer}) => {
          for (const k of [0, 1]) heard[k].push(...inputBuffer.getChannelData(k));
          if (heard[0].length < 3 * context.sampleRate) return;
          recorder.onaudioprocess = null;
          merger.disconnect();
          const starts = heard.map((samples) => {
            const found = [];
            samples.forEach((value, k) => {
              const quiet = !found.length || k - found[found.length - 1] > 0.3 * context.sampleRate;
              if (Math.abs(value) > 0.1 && quiet) found.push(k);
            });
            return found.map((k) => k / context.sampleRate);
          });
          done(starts);
        };
      });"""
    music, clicks = (np.array(times) for times in browser.execute_async_script(script))
    # The recorder, and not the page, is what the browser calls old.
    assert {entry["source"] for entry in browser.get_log("browser")} <= {"deprecation"}
    assert len(music) == len(clicks) >= 5
    # A burst takes a fraction of a millisecond to get as loud. A gap between two segments would
    # move most of the music and not the clicks. Medians, since on a busy machine the recorder loses
    # buffers: a burst is then found where the next one begins.
    assert np.median(np.abs(music - clicks)) < 0.003
    # A beat is half a second.
    assert abs(np.median(np.diff(music)) - 0.5) < 0.003


def test_clicks_are_silent_until_they_are_wanted(visit):
    browser = visit("full")
    button = browser.find_element("id", "clicks")
    assert button.get_attribute("aria-pressed") == "false"
    browser.find_element("id", "play").click()
    until(browser, lambda: ask(browser, "player.time") > 0.2)
    assert ask(browser, "player.nodes.clicks.gain.value") == 0
    press(browser, "c")
    assert button.get_attribute("aria-pressed") == "true"
    until(browser, lambda: ask(browser, "player.nodes.clicks.gain.value") > 0.5)
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    until(browser, lambda: ask(browser, "player.nodes.clicks.gain.value") < 0.01)


def test_a_click_goes_there_and_says_what_is_there(visit):
    browser = visit("full")
    by_mouse(browser, "chords", round(ask(browser, "axis.x(20)")))
    assert ask(browser, "player.time") == pytest.approx(20, abs=0.05)
    assert "chord C/E" in browser.find_element("id", "now").text
    assert "section B" in browser.find_element("id", "stage").get_attribute("aria-valuetext")


def test_what_is_under_the_pointer(visit):
    browser = visit("full")
    told = {
        "chords": "chord Am7, 0:00.0 to 0:16.0",
        "sections": "section A, 0:00.0 to 0:16.0, 8 bars",
        "beats": "bar 3, beat 3, 120 beats a minute here",
        "melody": "melody A3, 220 Hz",
        "key": "E♭ minor, 0:00.0 to 0:34.0",
    }
    for lane, words in told.items():
        by_mouse(browser, lane, round(ask(browser, "axis.x(6)")), button=False)
        tip = browser.find_element("id", "tip")
        assert tip.is_displayed() and tip.text.split("\n")[1] == words


def test_the_wheel_zooms_about_the_pointer(visit):
    browser = visit("full")
    script = """
      const canvas = document.querySelector("#lane-wave canvas");
      const clientX = canvas.getBoundingClientRect().left + axis.x(10);
      for (let k = 0; k < 5; k++) canvas.dispatchEvent(new WheelEvent(
        "wheel", {deltaY: -120, clientX, bubbles: true, cancelable: true}));
      return [axis.start, axis.end, axis.time(axis.x(10)), 10 - axis.start, axis.span];"""
    _, _, _, before, span = browser.execute_script(script)
    assert span < SECONDS / 2
    assert before / span == pytest.approx(10 / SECONDS, abs=0.01)
    browser.find_element("id", "fit").click()
    assert ask(browser, "axis.span") == SECONDS


def test_drag_moves_along_and_is_no_click(visit):
    from selenium.webdriver.common.action_chains import ActionChains

    browser = visit("full")
    browser.execute_script("axis.show(10, 14)")
    canvas = browser.find_element("css selector", "#lane-melody canvas")
    pixels = round(ask(browser, "axis.scale"))
    ActionChains(browser).drag_and_drop_by_offset(canvas, -pixels, 0).perform()
    assert ask(browser, "axis.start") == pytest.approx(11, abs=0.05)
    assert ask(browser, "player.time") == 0


def test_keys(visit):
    from selenium.webdriver.common.keys import Keys

    browser = visit("full")
    press(browser, "+", "+")
    assert ask(browser, "axis.span") == pytest.approx(SECONDS / 4)
    press(browser, "-")
    assert ask(browser, "axis.span") == pytest.approx(SECONDS / 2)
    press(browser, "0")
    assert ask(browser, "axis.span") == SECONDS
    press(browser, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert ask(browser, "player.time") == 1.25
    press(browser, Keys.ARROW_LEFT)
    assert ask(browser, "player.time") == 0.75
    press(browser, Keys.END)
    assert ask(browser, "player.time") == SECONDS
    press(browser, Keys.HOME)
    assert ask(browser, "player.time") == 0
    press(browser, " ")
    until(browser, lambda: ask(browser, "player.time") > 0.1)
    press(browser, " ")
    assert not ask(browser, "player.playing")
    press(browser, "?")
    assert browser.find_element("id", "guide").is_displayed()
    press(browser, Keys.ESCAPE)
    assert not browser.find_element("id", "guide").is_displayed()


def test_a_section_is_repeated(visit):
    browser = visit("full")
    browser.execute_script("player.seek(15.7)")
    press(browser, "l")
    assert ask(browser, "player.loop") == {"start": 0, "end": 16}
    assert browser.find_element("id", "loop").get_attribute("aria-pressed") == "true"
    press(browser, " ")
    until(browser, lambda: 0 < ask(browser, "player.time") < 2)
    assert ask(browser, "player.playing")
    press(browser, "l")
    assert ask(browser, "player.loop") is None


def test_it_ends_at_the_end_and_starts_anew(visit):
    browser = visit("full")
    browser.execute_script("player.seek(33.7); player.play()")
    until(browser, lambda: not ask(browser, "player.playing"))
    assert ask(browser, "player.time") == 0


def test_the_view_follows_the_cursor(visit):
    browser = visit("full")
    browser.execute_script("player.seek(5.5); axis.show(4, 6); player.play()")
    until(browser, lambda: ask(browser, "axis.start") > 5)
    assert ask(browser, "axis.sees(player.time)")
    # Who looks elsewhere is left there.
    browser.execute_script("axis.show(20, 22)")
    time = ask(browser, "player.time")
    until(browser, lambda: ask(browser, "player.time") > time + 0.5)
    assert ask(browser, "axis.start") == 20


def test_a_lane_can_be_hidden(visit):
    browser = visit("full")
    browser.find_element("css selector", "#chooser summary").click()
    labels = browser.find_elements("css selector", "#choices label")
    next(one for one in labels if one.text == "Notes").click()
    assert not browser.find_element("id", "lane-notes").is_displayed()
    assert browser.find_element("id", "lane-melody").is_displayed()


def test_one_task_alone(visit):
    browser = visit("tempo")
    found = [one.get_attribute("id") for one in browser.find_elements("class name", "lane")]
    assert found == ["lane-overview", "lane-ruler", "lane-wave", "lane-spectrum"]
    assert not browser.find_element("id", "clicks").is_enabled()
    press(browser, "c", "l", " ")
    until(browser, lambda: ask(browser, "player.time") > 0.1)


def test_nothing_found_in_silence(visit):
    from selenium.webdriver.common.keys import Keys

    browser = visit("silent")
    assert len(browser.find_elements("class name", "lane")) == len(LANES)
    press(browser, Keys.ARROW_RIGHT)
    assert ask(browser, "player.time") == SECONDS or ask(browser, "player.time") > 0
    by_mouse(browser, "instruments", 100)
    browser.find_element("id", "play").click()
    until(browser, lambda: ask(browser, "player.playing && !player.waiting"))


def test_no_word_of_a_recording_is_run(visit):
    browser = visit("evil")
    assert ask(browser, "window.hacked") is None
    assert browser.find_element("tag name", "h1").text.startswith(EVIL.split()[0])
    by_mouse(browser, "instruments", 100, button=False)
    assert "<img" in browser.find_element("id", "tip").text
    assert ask(browser, "window.hacked") is None


@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_is_not_wider_than_the_window(visit, width):
    browser = visit("full")
    resize(browser, width, 800)
    until(browser, lambda: ask(browser, "axis.width") < width)
    assert ask(browser, "document.documentElement.scrollWidth") <= width
    browser.find_element("css selector", "#chooser summary").click()
    left = browser.find_element("id", "choices").rect["x"]
    assert left >= 0


def test_ten_minutes_are_drawn_in_time(browser, tmp_path, monkeypatch):
    """All lanes of a dense recording, at any zoom, in less than a tenth of a second per frame."""
    monkeypatch.setattr(coding, "_mp3", lambda frames, coding: b"")  # which takes the most time
    rng = np.random.default_rng(1)
    soundfile.write(tmp_path / "long.wav", 0.1 * rng.standard_normal(600 * 8000), 8000)
    analysis = Analysis(None, dense(600))
    page.write(analysis, tmp_path / "long.wav", tmp_path / "long.html")
    browser.get((tmp_path / "long.html").as_uri())
    until(browser, lambda: colours(browser, "spectrum") > 20)
    script = """
      const start = performance.now();
      let frames = 0;
      for (const span of [600, 100, 10]) for (let k = 0; k < 6; k++, frames++) {
        axis.show(90 * k, 90 * k + span);
        for (const one of LANES) one.draw(prepare(one.canvas, one.height), one.height);
      }
      document.querySelector("canvas").getContext("2d").getImageData(0, 0, 1, 1);
      return (performance.now() - start) / frames;"""
    assert browser.execute_script(script) < 100
