"""A hook of mkdocs: pages of the repository outside of docs/, and links as GitHub has them.

Links are written for a reader of the repository. On the site, one to a page or picture goes there;
one to any other file or folder becomes its name.
"""

import os
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

TOP = Path(__file__).parents[1]
LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)")
CODE = re.compile(r"(^ *```.*?^ *```$|`[^`\n]+`)", re.M | re.S)


def outside() -> dict[str, str]:
    """Where pages and pictures outside of docs/ go on the site, by their path."""
    found = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md"}
    if (TOP / "CHANGELOG.md").exists():
        found["CHANGELOG.md"] = "changelog.md"
    for page in sorted((TOP / "studies").glob("*/README.md")):
        pictures = page.parent.glob("*.png")
        found |= {(name := str(path.relative_to(TOP))): name for path in (page, *pictures)}
    return found


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add to the navigation what is there: worked examples, studies, the API."""

    def below(pattern: str) -> list[str]:
        return sorted(str(p.relative_to(TOP / "docs")) for p in (TOP / "docs").glob(pattern))

    places = outside()
    nav: list[Any] = config["nav"]
    studies = [place for place in places.values() if place.endswith("/README.md")]
    nav.append({"Studies": studies})
    extend = below("extend/*.md")
    nav.append({"Contributing": [places["CONTRIBUTING.md"], *extend]})
    nav += [places["CHANGELOG.md"]] if "CHANGELOG.md" in places else []
    nav.append({"API": below("reference/api/*.md")})
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages and pictures outside of docs/."""
    for source, place in outside().items():
        files.append(File.generated(config, place, abs_src_path=str(TOP / source)))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links of the repository into those of the site."""
    places = outside()
    sources = {place: source for source, place in places.items()}
    here = page.file.src_uri
    folder = Path(sources.get(here, f"docs/{here}")).parent

    def moved(match: re.Match[str]) -> str:
        bang, text, path, anchor = (part or "" for part in match.groups())
        if not path:
            return match[0]
        target = os.path.normpath(folder / path)
        if not (TOP / target).exists():
            return match[0]  # mkdocs warns of it
        if (TOP / target / "README.md").exists():
            target = f"{target}/README.md"
        place = places.get(target, target.removeprefix("docs/"))
        if files.get_file_from_path(place) is None:
            return text
        return f"{bang}[{text}]({os.path.relpath(place, Path(here).parent)}{anchor})"

    parts = CODE.split(markdown)
    return "".join(part if i % 2 else LINK.sub(moved, part) for i, part in enumerate(parts))
