"""The files an inspection leaves for people and other programs."""
