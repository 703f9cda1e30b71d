"""himozuke proves every link between a person and a scheme right."""
