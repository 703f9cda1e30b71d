"""The schemes (制度) whose links are inspected: one small file each, discovered, open to others."""

from himozuke.schemes.discovery import all_schemes, find
from himozuke.schemes.model import Scheme

__all__ = ["Scheme", "all_schemes", "find"]
