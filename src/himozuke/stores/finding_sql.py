"""How findings of inspections are read: each with its answer and with the case that is known of it."""

# The case of a finding: its own, else the open one of its link, else the open one of the same link of the file in
# another run. A file that is inspected again finds its cases where they are.
KNOWN_CASE = """coalesce(
    finding.case_id,
    (SELECT max(known.case_id)
     FROM incident_case AS known
     WHERE known.link_id = finding.link_id AND known.state = 'open'),
    (SELECT max(known.case_id)
     FROM inspection_finding AS other
     JOIN inspection_run AS other_run USING (run_id)
     JOIN incident_case AS known ON known.case_id = other.case_id
     WHERE other.organisation_id = finding.organisation_id
       AND other.link_key = finding.link_key
       AND other_run.scheme = run.scheme
       AND known.state = 'open')
)"""

# Reads inspection_finding and inspection_answer. One row per finding of a run.
FINDING = f"""
SELECT finding.*, {KNOWN_CASE} AS known_case_id,
       coalesce(answer.answer, '') AS answer, coalesce(answer.reason, '') AS answer_reason
FROM inspection_finding AS finding
JOIN inspection_run AS run USING (run_id)
LEFT JOIN inspection_answer AS answer
    ON answer.organisation_id = finding.organisation_id
    AND answer.scheme = run.scheme
    AND answer.link_key = finding.link_key
    AND answer.evidence_digest = finding.evidence_digest
"""  # noqa: S608 -- put together from constants

CHOSEN = f"""
WHERE finding.run_id = %(run_id)s
  AND (%(action)s = '' OR finding.action = %(action)s)
  AND (%(verdict)s = '' OR finding.verdict = %(verdict)s)
  AND (%(cause)s = '' OR coalesce(finding.cause, '-') = %(cause)s)
  AND (%(restriction)s = '' OR finding.restriction = %(restriction)s)
  AND (%(answered)s <> 'open' OR (answer.answer IS NULL AND {KNOWN_CASE} IS NULL))
  AND (%(answered)s <> 'answered' OR answer.answer IS NOT NULL)
  AND (%(answered)s <> 'case' OR {KNOWN_CASE} IS NOT NULL)
  AND (%(text)s = '' OR strpos(finding.link_key, %(text)s) > 0
       OR strpos(finding.detail ->> 'scheme_number', %(text)s) > 0)
"""

# Reads inspection_finding, inspection_answer, incident_case. One row: links of some runs that wait for a case,
# each once however many runs found it.
WAITING = f"""
SELECT count(DISTINCT (run.scheme, finding.link_key)) AS links
FROM inspection_finding AS finding
JOIN inspection_run AS run USING (run_id)
LEFT JOIN inspection_answer AS answer
    ON answer.organisation_id = finding.organisation_id
    AND answer.scheme = run.scheme
    AND answer.link_key = finding.link_key
    AND answer.evidence_digest = finding.evidence_digest
WHERE finding.run_id = ANY(%(run_ids)s)
  AND finding.action = 'ask'
  AND answer.answer IS NULL
  AND {KNOWN_CASE} IS NULL
"""  # noqa: S608 -- put together from constants
