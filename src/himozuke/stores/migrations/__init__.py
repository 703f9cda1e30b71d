"""The schema as a chain of steps, each a file of SQL."""
