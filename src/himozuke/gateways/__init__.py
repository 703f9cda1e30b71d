"""Formats and protocols of the outside world: files in, reports and results out."""
