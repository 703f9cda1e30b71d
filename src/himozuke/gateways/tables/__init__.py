"""Reading links and registers: CSV, TSV, Parquet, Arrow, Excel, and tables in memory."""

from __future__ import annotations

from himozuke.gateways.tables.batches import LinkBatch, RegisterBatch
from himozuke.gateways.tables.columns import LINKS, REGISTER
from himozuke.gateways.tables.glyphs import GlyphFinding
from himozuke.gateways.tables.mapping import ColumnMapping, load_mapping, write_starter_mapping
from himozuke.gateways.tables.quarantine import Quarantined, QuarantineList, write_quarantine
from himozuke.gateways.tables.raw import Originals
from himozuke.gateways.tables.reader import Layout, TableReader, digest, open_links, open_register, read_headers

__all__ = [
    "LINKS",
    "REGISTER",
    "ColumnMapping",
    "GlyphFinding",
    "Layout",
    "LinkBatch",
    "Originals",
    "QuarantineList",
    "Quarantined",
    "RegisterBatch",
    "TableReader",
    "digest",
    "load_mapping",
    "open_links",
    "open_register",
    "read_headers",
    "write_quarantine",
    "write_starter_mapping",
]
