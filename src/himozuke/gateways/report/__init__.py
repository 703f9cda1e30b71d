"""The printed and on-screen report of an inspection, and published tables."""

from himozuke.gateways.report.head import ReviewHead
from himozuke.gateways.report.page import render_report, write_report

__all__ = ["ReviewHead", "render_report", "write_report"]
