"""Self-contained pages from templates."""

import jinja2

# Permissions of a self-contained page: no requests at all.
OFFLINE = (
    "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)


def environment(package: str) -> jinja2.Environment:
    """The templates of a package, which extend `document.html`; values are escaped.

    Args:
        package: dotted name; its folder `templates` has a `style.css`.
    """
    made = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [jinja2.PackageLoader(package), jinja2.PackageLoader("deepmir.drawing")]
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["OFFLINE"] = OFFLINE
    return made
