"""How the documentation is built; `make docs` does."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(HERE / "extensions")]
os.environ["PYTHONPATH"] = str(ROOT)  # of the examples' workers

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

project = PROJECT["name"]
author = "the contributors"
copyright = f"{author}. MIT licence"
version = release = PROJECT["version"]

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "sphinxcontrib.mermaid",
    # Our own.
    "api_pages",
    "technique_pages",
]
exclude_patterns = ["_build", "examples", "generated/examples/*.ipynb"]
templates_path = ["_templates"]
suppress_warnings = ["config.cache"]  # a function in sphinx_gallery_conf

# Markdown, as it is on the pages of a repository.
myst_enable_extensions = ["colon_fence"]
myst_fence_as_directive = ["mermaid"]
myst_heading_anchors = 3

copybutton_prompt_text = r"\w*\$ "
copybutton_prompt_is_regexp = True

mermaid_height = "auto"

# Docstrings.
autosummary_generate = True
autodoc_typehints = "none"  # numpydoc has them
autodoc_member_order = "groupwise"
numpydoc_show_class_members = False
numpydoc_validation_checks = {
    # Form: no tabs or blank lines too many, known sections in their order, a summary of one line.
    *("GL01", "GL02", "GL03", "GL05", "GL06", "GL07", "GL09", "GL10"),
    *("SS01", "SS02", "SS03", "SS04", "SS06"),
    # Parameters: those there are, in their order, each with its type and a default that is told so.
    *("PR02", "PR03", "PR04", "PR05", "PR06", "PR09", "PR10"),
    *("RT04", "RT05", "SA02"),
}


def without_roles(app, what, name, obj, options, lines):
    """Leave out references into the documentation of libraries whose docstrings are inherited."""
    text = re.sub(r":(?:ref|term):`([^`<]+?)\s*(?:<[^`>]+>)?`", r"``\1``", "\n".join(lines))
    lines[:] = text.split("\n")


def write_benchmark_pages(app, config):
    """Give each report of the benchmarks a page, where links to it from ../CHANGELOG.md lead."""
    for report in sorted((ROOT / "benchmarks").glob("*.md")):
        page = HERE / "benchmarks" / report.name
        page.parent.mkdir(exist_ok=True)
        text = f"```{{include}} ../../benchmarks/{report.name}\n:relative-images:\n```\n"
        if not page.exists() or page.read_text("utf-8") != text:
            page.write_text(text, "utf-8")


def setup(app):
    """Connect what is done before and while Sphinx reads."""
    app.connect("config-inited", write_benchmark_pages)
    app.connect("autodoc-process-docstring", without_roles)


# Examples are scripts that run when this is built.
sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "generated/examples",
    "filename_pattern": r"/plot_",
    "matplotlib_animations": False,
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "abort_on_example_error": True,
    "min_reported_time": 0,
    "backreferences_dir": None,
    "within_subsection_order": "ExampleTitleSortKey",
    "plot_gallery": "True",
}

html_theme = "pydata_sphinx_theme"
html_title = project
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_context = {"default_mode": "auto"}
html_sidebars = {"index": [], "tutorial": [], "architecture": [], "changelog": []}
