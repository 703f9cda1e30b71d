-- Limit certificates and certificates of specific diseases are shown with a consent of their own (S81).

ALTER TABLE consent DROP CONSTRAINT consent_viewable_check;
ALTER TABLE consent ADD CONSTRAINT consent_viewable_check
    CHECK (viewable IN ('checkups', 'medicines', 'diagnoses', 'procedures', 'limits', 'diseases'));
ALTER TABLE access_log DROP CONSTRAINT access_log_items_check;
ALTER TABLE access_log ADD CONSTRAINT access_log_items_check
    CHECK (items <@ ARRAY['qualification', 'medicines', 'checkups', 'procedures', 'limits', 'diseases']);

-- The ratio of elderly medical care is judged anew every August: the days on which it holds (S82c).
ALTER TABLE qualification_certificate ADD COLUMN elderly_ratio_from date;
ALTER TABLE qualification_certificate ADD COLUMN elderly_ratio_until date;

-- Medical tickets of public assistance: without one of the day the answer is 6, valid and not registered (OQSCD006).
ALTER TABLE qualification_certificate ADD COLUMN tickets jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN qualification_certificate.tickets IS '[{valid_from, valid_until}]: days, both included';
