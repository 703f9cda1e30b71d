"""Puts the folder gateway and the eligibility service together."""
