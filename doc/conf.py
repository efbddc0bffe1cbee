# SPDX-License-Identifier: BSD-3-Clause
# Sphinx: sphinx-build -W doc DIR, or ./run docs

import importlib.util
import pathlib
import re

project = "DPDK DMA mapping, out of tree"
copyright = "the authors, BSD-3-Clause"
build = pathlib.Path(__file__).parent.parent / "meson.build"
version = release = re.search(r"\bversion: '([^']+)'", build.read_text()).group(1)
# Parts of man pages, of which the guide includes some, and a table that it includes.
exclude_patterns = ["_build", "man", "kernels.rst"]
# Made for phones too, if it is there; the other comes with Sphinx.
html_theme = "furo" if importlib.util.find_spec("furo") else "alabaster"
html_title = project
html_static_path = ["site"]
html_css_files = ["site.css"]
html_copy_source = False
highlight_language = "none"
