-- Whether a printed document says where somebody lives: who comes under protection (支援措置) after it was printed must
-- not be found by it.

ALTER TABLE letter ADD COLUMN shows_address boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN letter.shows_address IS 'an address of a person stands on it, be it on the envelope or among the items';

-- Of the documents that stand, every one that may.
UPDATE letter SET shows_address = true WHERE kind IN ('inquiry', 'reminder', 'apology', 'confirmation_sheet');
ALTER TABLE letter ALTER COLUMN shows_address DROP DEFAULT;
