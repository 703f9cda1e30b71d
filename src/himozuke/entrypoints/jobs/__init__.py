"""Work that outlives a request: who does it, how far it is, and what becomes of it when a process dies."""
