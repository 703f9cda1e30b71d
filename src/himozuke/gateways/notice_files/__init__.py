"""Files of notices: which kind a file is, and our own template in CSV and Excel."""

from himozuke.gateways.notice_files.intake import Intake, read_notice_file
from himozuke.gateways.notice_files.template import COLUMNS, write_csv, write_xlsx

__all__ = ["COLUMNS", "Intake", "read_notice_file", "write_csv", "write_xlsx"]
