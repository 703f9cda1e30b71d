"""Inquiries of the resident register as batch files in and out of a folder.

The layout is our own, documented and not official; another one is put in by a file (:mod:`.layout`).
"""

from __future__ import annotations

from himozuke.gateways.jlis_files.answering import answer_folder
from himozuke.gateways.jlis_files.layout import FileLayout, load_layout
from himozuke.gateways.jlis_files.register import FolderRegister

__all__ = ["FileLayout", "FolderRegister", "answer_folder", "load_layout"]
