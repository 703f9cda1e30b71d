"""The resident register behind HTTP: what goes over the wire, who asks and who answers."""
