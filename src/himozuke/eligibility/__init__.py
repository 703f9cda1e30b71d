"""Online eligibility verification: is this person insured today, by whom, and what may be seen."""
