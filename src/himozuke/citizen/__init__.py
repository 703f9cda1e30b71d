"""What is held about a person, for the person: own links, who looked, and asking for a check (S76, S81)."""
