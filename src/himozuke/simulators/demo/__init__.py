"""The invented world of the demo: bodies, users, stories. Nobody and nothing in it exists."""
