"""The general inspection: what it found, in words and figures people read."""
