"""The report in Debian's chromium: user actions, and an empty console."""

from pathlib import Path

import pytest
from small_line import DECLARATIONS

import chromium
import tiny
from deepmir import paths

pytestmark = [pytest.mark.browser, chromium.needs_chromium]
SYSTEMS = [*DECLARATIONS["experiments"], *DECLARATIONS["baselines"]]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium.started(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture
def index(line, browser):
    browser.get(paths.REPORT.resolve().as_uri())
    yield browser
    assert browser.get_log("browser") == []


def resize(browser, width):
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def until(browser, condition):
    from selenium.webdriver.support.wait import WebDriverWait

    return WebDriverWait(browser, 10, poll_frequency=0.1).until(lambda _: condition())


def test_every_result_is_there_and_leads_to_its_page(index):
    for name in SYSTEMS:
        row = index.find_element("id", f"row-{name}")
        assert row.is_displayed()
        row.find_element("link text", name).click()
        assert index.find_element("tag name", "h1").text == name
        index.find_element("partial link text", "All results").click()


@pytest.mark.parametrize("name", ["beat-crnn", "key-cnn"])
def test_the_recording_plays_and_the_line_follows(index, name):
    index.find_element("link text", name).click()
    audio = index.find_element("css selector", "#worst audio")
    playhead = index.find_element("css selector", "#worst .playhead")
    assert not playhead.is_displayed()
    until(index, lambda: audio.get_property("readyState") >= 1)
    assert 10 < audio.get_property("duration") <= 30.1
    index.execute_script("arguments[0].muted = true; return arguments[0].play()", audio)
    until(index, lambda: audio.get_property("currentTime") > 0.3)
    index.execute_script("arguments[0].pause()", audio)
    share = audio.get_property("currentTime") / audio.get_property("duration")
    left = until(index, lambda: float(playhead.value_of_css_property("left").removesuffix("px")))
    width = index.find_element("css selector", "#worst .plot").size["width"]
    assert left / width == pytest.approx(share, abs=0.02)


def test_a_click_in_the_picture_goes_there(index):
    index.find_element("link text", "beat-crnn").click()
    audio = index.find_element("css selector", "#worst audio")
    until(index, lambda: audio.get_property("readyState") >= 1)
    plot = index.find_element("css selector", "#worst .plot")
    index.execute_script("arguments[0].scrollIntoView({block: 'center'})", plot)
    plot.click()  # in its middle
    middle = audio.get_property("duration") / 2
    assert audio.get_property("currentTime") == pytest.approx(middle, abs=0.3)


def test_one_recording_plays_at_a_time(index):
    index.find_element("link text", "beat-crnn").click()
    first, second = index.find_elements("css selector", "#worst audio")[:2]
    for audio in (first, second):
        index.execute_script("arguments[0].muted = true; return arguments[0].play()", audio)
    until(index, lambda: first.get_property("paused"))
    assert not second.get_property("paused")
    index.execute_script("arguments[0].pause()", second)


@pytest.mark.parametrize("width", [1280, 400])
def test_no_page_is_wider_than_the_window(index, width):
    resize(index, width)
    for address in (paths.REPORT, paths.REPORT_PAGES / "beat-crnn.html"):
        index.get(address.resolve().as_uri())
        assert index.execute_script("return document.documentElement.scrollWidth") <= width


def test_pictures_are_loaded(index):
    index.find_element("link text", "key-cnn").click()
    images = index.find_elements("css selector", "img")
    assert len(images) == 8  # six tracks, one pair of curves, how sure it was
    assert all(image.get_property("naturalWidth") > 20 for image in images)


def test_what_deepmir_inspect_writes_is_seen_and_heard(line, browser, tmp_path):
    """With an untrained network: only the page is tested."""
    from pydantic import TypeAdapter

    from deepmir.inspection import page
    from deepmir.models import model
    from deepmir.representations import Representation

    notation = "c2(4,3x3) - p2(2x2) - c2(4,3x3) - d1"
    declared = DECLARATIONS["representations"]["cqt"]
    representation = TypeAdapter(Representation).validate_python(declared)
    network, card = tiny.untrained(notation, representation)
    model.save(tmp_path / "model", network.state_dict(), card)
    song = next(p for p in Path("recordings").glob("piece-0.*") if p.suffix != ".jams")
    page.write(tmp_path / "model", song, tmp_path / "page.html", seconds=5.0)
    browser.get((tmp_path / "page.html").as_uri())
    players = browser.find_elements("css selector", "audio")
    assert len(players) > 3
    for player in players:
        until(browser, lambda player=player: player.get_property("readyState") >= 1)
        assert player.get_property("duration") == pytest.approx(5.0, abs=0.15)
    for picture in browser.find_elements("css selector", "figure img"):
        assert picture.get_property("naturalWidth") > 500
    assert browser.get_log("browser") == []
