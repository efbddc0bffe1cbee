# SPDX-License-Identifier: BSD-3-Clause
# Sphinx: sphinx-build -W doc doc/_build

import pathlib
import re

project = "DPDK DMA mapping, out of tree"
copyright = "the authors, BSD-3-Clause"
build = pathlib.Path(__file__).parent.parent / "meson.build"
version = release = re.search(r"\bversion: '([^']+)'", build.read_text()).group(1)
# Parts of man pages; the guide includes some of them.
exclude_patterns = ["_build", "man"]
html_theme = "alabaster"
highlight_language = "none"
