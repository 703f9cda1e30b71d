"""What the product brings along to be tried without real people: a synthetic population."""
