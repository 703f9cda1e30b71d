"""The HTTP interface for programs: JSON under ``/api/v1``, RFC 9457 problem details, OpenAPI."""
