"""How `sphinx-build` makes the site: Markdown by MyST, the look by furo, the API from the docstrings."""

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from suite import __version__

project = "suite"
version = release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3  # links to headings, as GitHub makes them
default_role = "code"  # single backticks in docstrings

autodoc_typehints = "none"  # docstrings say it in words
autodoc_member_order = "bysource"
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"suite {__version__}"
html_copy_source = False
html_show_copyright = False

ELSEWHERE = re.compile(
    r'<(?:script|link|img|iframe)\b[^>]*\s(?:src|href)="(?:https?:)?//|@import|url\(["\']?http'
)


def refuse_what_loads_from_elsewhere(app: Sphinx, error: Exception | None) -> None:
    """Fail where a page or a style needs the network."""
    pages = [*Path(app.outdir).rglob("*.html"), *Path(app.outdir).rglob("*.css")]
    for page in () if error else pages:
        if found := ELSEWHERE.search(page.read_text(encoding="utf-8")):
            raise ExtensionError(f"{page} loads from elsewhere: {found[0]}")


def setup(app: Sphinx) -> None:
    """Check the site once it is built."""
    app.connect("build-finished", refuse_what_loads_from_elsewhere)
