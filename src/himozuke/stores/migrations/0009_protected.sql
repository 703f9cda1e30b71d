-- Those under protection (支援措置) are few; whatever leaves the program asks for them first.
CREATE INDEX resident_protected ON resident (birth) WHERE is_protected;
