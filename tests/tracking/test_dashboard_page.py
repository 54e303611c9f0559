"""MLflow's page in Debian's chromium, at the address that `deepmir dashboard` prints."""

import pytest

import chromium
import tiny
from deepmir import cli
from deepmir.declarations import entries
from deepmir.tracking import sending, store
from deepmir.tracking.journal import EPOCHS, Journal

pytestmark = [pytest.mark.browser, chromium.needs_chromium]


def test_the_address_opens_on_the_runs_with_what_is_compared(
    declared, shared, monkeypatch, capsys, tmp_path_factory
):
    monkeypatch.setenv(store.ADDRESS, shared)
    source = Journal.begin(entries.resolve(tiny.load(), "beat-tiny"))
    source.open()
    source.add(EPOCHS, {"validation/f_measure": 0.5, "train/loss": 1.0}, 1)
    source.add(EPOCHS, {"validation/f_measure": 0.7, "train/loss": 0.5}, 2)
    source.end("FINISHED")
    sender = sending.Sender(source)
    sender.send(alive=False)
    with store.opened() as client:
        client.set_tag(sender.run, "score", "0.700 [0.600, 0.800]")
        client.log_metric(sender.run, "test/f_measure", 0.7)
    assert cli.main(["dashboard"]) == 0  # the server is there already
    places = dict(line.split() for line in capsys.readouterr().out.splitlines())
    with chromium.started(tmp_path_factory.mktemp("chromium")) as browser:
        chromium.resize(browser, 1800, 900)

        def shown(*texts):
            body = browser.find_element("tag name", "body").text
            return all(text in body for text in texts)

        browser.get(places["beat"])
        row = ("beat-tiny", "0.700 [0.600, 0.800]", "tiny", "Duration", "Sort: test/f_measure")
        chromium.until(browser, lambda: shown(*row, "Beat tracking: Find the instant"))
        assert "GenAI" not in browser.title
        browser.get("about:blank")
        browser.get(f"{places['beat']}&compareRunsMode=CHART")
        chromium.until(browser, lambda: shown("Learning curves", "validation/f_measure", "Step"))
