"""Cases that other projects test their address parsers with, read where they lie beside the project."""
