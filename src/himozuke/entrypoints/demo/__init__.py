"""The demo: an invented nation in a data folder of its own, made by the services themselves, then served."""
