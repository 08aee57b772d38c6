"""How the documentation is built: ``sphinx-build -W -b html docs docs/_build/html``."""

import sys
from pathlib import Path

import custvalue

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from api_pages import public_names, write_api_pages  # noqa: E402

write_api_pages(HERE / "reference" / "generated")

project = "custvalue"
author = "custvalue maintainers"
copyright = "2026, custvalue maintainers"
version = release = custvalue.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.viewcode",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "gallery/*.ipynb", "gallery/*.zip"]
nitpicky = True
default_role = "py:obj"
suppress_warnings = ["config.cache"]

autodoc_typehints = "none"
autodoc_member_order = "bysource"
autosummary_generate = False
numpydoc_show_class_members = False

myst_heading_anchors = 3

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"plot_",
    "ignore_pattern": r"demo\.py",
    "within_subsection_order": "ExampleTitleSortKey",
    "abort_on_example_error": True,
    "notebook_extensions": set(),
    "download_all_examples": False,
    "min_reported_time": 3600,
    "write_computation_times": False,
    "show_signature": False,
    "backreferences_dir": "reference/generated/backreferences",
    "doc_module": ("custvalue",),
    "thumbnail_size": (400, 280),
}

html_theme = "furo"
html_title = f"custvalue {release}"
html_static_path = ["_static"]
html_css_files = ["custvalue.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True}
pygments_style = "tango"
pygments_dark_style = "monokai"


def leave_out_foreign(app, what, name, obj, skip, options):
    """Leave methods out that scikit-learn documents: metadata routing, fit_transform."""
    module = getattr(obj, "__module__", None) or "custvalue"
    return True if module.split(".")[0] == "sklearn" else None


def resolve_bare_name(app, env, node, contnode):
    """Find a public name that stands without its room; no name stands in two rooms."""
    full_name = public_names().get(node.get("reftarget"))
    if full_name is None:
        return None
    domain, page = env.get_domain("py"), node.get("refdoc")
    return domain.resolve_xref(env, page, app.builder, "obj", full_name, node, contnode)


def setup(app):
    """Connect what Sphinx calls while it builds."""
    app.connect("autodoc-skip-member", leave_out_foreign)
    app.connect("missing-reference", resolve_bare_name)
