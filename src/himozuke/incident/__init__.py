"""Suspected links carried to their end: stop, ask, correct, find out who saw what, report, release, publish."""
