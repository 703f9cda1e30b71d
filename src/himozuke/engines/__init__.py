"""Engines that inspect a whole file of links: one to read, one to run."""
