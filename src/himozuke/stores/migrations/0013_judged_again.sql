-- What was answered is judged again whenever it is shown: no finished answer about a person is kept any more.

-- One row per request file that was answered: when, and the digest of the answer, by which a gateway that takes the
-- request over from a dead one knows that the showing is written down already. A bulk request keeps its reception
-- number, so that the same file is not taken in twice.
ALTER TABLE answered_file
    DROP COLUMN extension,
    DROP COLUMN is_refused,
    DROP COLUMN answer,
    ADD COLUMN answer_digest bytea NOT NULL DEFAULT '',
    ADD COLUMN reception_number text;
ALTER TABLE answered_file ALTER COLUMN answer_digest DROP DEFAULT;
COMMENT ON COLUMN answered_file.answer_digest IS 'SHA-256 of the answer as it was last given';

-- Only what a bulk request changed is kept as its result; people are judged when the result is fetched.
UPDATE bulk_request SET answer = NULL WHERE kind <> 'bulk_reference_number';
COMMENT ON COLUMN bulk_request.answer IS 'result of a registration, or the refusal; null where people are judged at the fetch';

ALTER TABLE visit ADD COLUMN opened_at timestamptz;
COMMENT ON COLUMN visit.opened_at IS 'when the answer was first opened: that showing is written down with the question';
