"""Japanese identity data: reading, folding and comparing the items that tell people apart."""
