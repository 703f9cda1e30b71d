"""The desk: pages for people, on Litestar and Jinja, every one of them usable without JavaScript."""
