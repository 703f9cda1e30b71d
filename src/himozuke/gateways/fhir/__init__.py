"""Eligibility in FHIR R4: requests read, responses written, with the extensions of JP Core."""
