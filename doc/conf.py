# SPDX-License-Identifier: BSD-3-Clause
# Sphinx: sphinx-build -W doc doc/_build

project = "DPDK DMA mapping, out of tree"
copyright = "the authors, BSD-3-Clause"
version = release = "0.1.0"
exclude_patterns = ["_build"]
html_theme = "alabaster"
highlight_language = "none"
