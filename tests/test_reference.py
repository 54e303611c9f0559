"""The pages of docs/reference say what the code says, and the documentation stays short."""

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
LONGEST = 20_000  # words


def generator():
    """`scripts/reference.py` as a module."""
    spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts/reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def words(page):
    """Words of a page: what stands between blanks and has a letter or digit."""
    return sum(1 for text in page.read_text("utf-8").split() if re.search(r"\w", text))


def test_the_reference_says_what_the_code_says():
    """Run `python scripts/reference.py` when it does not."""
    written = generator().pages()
    for path, text in written.items():
        assert (ROOT / "docs/reference" / path).read_text("utf-8") == text, path
    there = {page.name for page in (ROOT / "docs/reference/api").glob("*.md")}
    assert there == {Path(path).name for path in written if path.startswith("api/")}


def test_every_key_of_params_yaml_is_described():
    lines = (ROOT / "docs/reference/params.md").read_text("utf-8").splitlines()
    assert [line for line in lines if line[:3] == "- `" and "): " not in line] == []


def test_the_documentation_is_short():
    pages = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "studies").glob("*/README.md")]
    pages += [ROOT / name for name in ("README.md", "CONTRIBUTING.md")]
    counted = {page: words(page) for page in pages}
    longest = sorted(counted.items(), key=lambda item: -item[1])[:5]
    assert sum(counted.values()) < LONGEST, longest
