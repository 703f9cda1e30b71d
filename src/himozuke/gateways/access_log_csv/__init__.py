"""The payment fund's log of viewings as CSV: our own layout, since the fund's is not public."""

from himozuke.gateways.access_log_csv.reading import COLUMNS, read_log

__all__ = ["COLUMNS", "read_log"]
