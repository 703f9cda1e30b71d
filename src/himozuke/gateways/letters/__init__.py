"""Letters, reports and sheets as PDF: tagged, archivable, the same content giving the same bytes."""

from himozuke.gateways.letters.printer import TypstPrinter

__all__ = ["TypstPrinter"]
