-- A survey that was given out in error is taken back by headquarters, as long as it was never answered (S90).
CREATE POLICY campaign_survey_take_back ON campaign_survey FOR DELETE
    USING (acting_role() = 'headquarters' AND version = 0);
