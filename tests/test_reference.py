"""The pages of docs/reference match the code, and the documentation stays short."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 35_500  # words
PAGES = [
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "studies").glob("*/README.md"),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
]


def generator():
    """`scripts/reference.py` as a module."""
    spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts/reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def words(page):
    """Words of a page: separated by blanks, with a letter or digit, without code blocks."""
    prose = re.sub(r"^ *```.*?^ *```$", "", page.read_text("utf-8"), flags=re.M | re.S)
    return sum(1 for text in prose.split() if re.search(r"\w", text))


def test_the_reference_says_what_the_code_says():
    """Run `python scripts/reference.py` if it fails."""
    written = generator().pages()
    for path, text in written.items():
        assert (ROOT / "docs/reference" / path).read_text("utf-8") == text, path
    there = {page.name for page in (ROOT / "docs/reference/api").glob("*.md")}
    assert there == {Path(path).name for path in written if path.startswith("api/")}


def test_every_key_of_params_yaml_is_described():
    lines = (ROOT / "docs/reference/params.md").read_text("utf-8").splitlines()
    assert [line for line in lines if line[:3] == "- `" and "): " not in line] == []


def test_the_documentation_is_short():
    counted = {page: words(page) for page in PAGES}
    longest = sorted(counted.items(), key=lambda item: -item[1])[:5]
    assert sum(counted.values()) < LONGEST, longest


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_its_links_lead_somewhere(page):
    text = re.sub(r"`[^`]*`", "", page.read_text("utf-8"))
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_pages_that_messages_name_are_there():
    sources = [*(ROOT / "src").rglob("*.py"), *ROOT.glob("*.yaml")]
    sources += (ROOT / "studies").glob("*/params.yaml")
    for source in sources:
        for name in re.findall(r"docs/[\w/-]+\.md", source.read_text("utf-8")):
            assert (ROOT / name).exists(), f"{source}: {name}"
