-- What tells the share of a person of 70 or more: the pay of the insured person as his notice says it, and the income
-- of the household as the insurer judges it (S82c).

ALTER TABLE qualification_period ADD COLUMN monthly_pay integer CHECK (monthly_pay >= 0);
COMMENT ON COLUMN qualification_period.monthly_pay IS 'yen; 報酬月額 in money and in kind, by the notice that began the period';
ALTER TABLE qualification_certificate ADD COLUMN income jsonb;
COMMENT ON COLUMN qualification_certificate.income IS '{taxable, income, people, valid_from, valid_until}: yen a year';

UPDATE qualification_period AS period
SET monthly_pay = given.cash + given.kind
FROM (
    SELECT notice_id,
           coalesce(nullif(regexp_replace(normalize(pay_in_cash, NFKC), '[^0-9]', '', 'g'), ''), '0')::integer AS cash,
           coalesce(nullif(regexp_replace(normalize(pay_in_kind, NFKC), '[^0-9]', '', 'g'), ''), '0')::integer AS kind
    FROM notice
    WHERE kind = 'acquisition' AND length(pay_in_cash) BETWEEN 1 AND 9 AND length(pay_in_kind) < 10
) AS given
WHERE given.notice_id = period.begun_by_notice_id AND period.member_kind <> 'dependent';
