import pytest
import small_line

from deepmir.declarations import entries


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """A tree with its report, and its declarations."""
    from deepmir import report

    root = tmp_path_factory.mktemp("line")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        declared = small_line.build(root)
        report.write(entries.shown(declared), 0.95)
    return root, declared


@pytest.fixture
def line(built, monkeypatch):
    """The declarations of a tree that is the current folder during the test."""
    root, declared = built
    monkeypatch.chdir(root)
    return declared
