"""The notices of employers as files of the pension service's form programs: ``SHFD0006.CSV`` (S60, S66)."""

from himozuke.gateways.shfd_csv.read import ShfdFile, read_shfd
from himozuke.gateways.shfd_csv.write import Sender, write_shfd

__all__ = ["Sender", "ShfdFile", "read_shfd", "write_shfd"]
