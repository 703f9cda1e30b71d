"""The area of registration on the desk: its pages, navigation and tasks."""

from __future__ import annotations

from himozuke.entrypoints.web.areas import Area, NavEntry
from himozuke.entrypoints.web.registration import citizen_entry, filing, notices, records
from himozuke.entrypoints.web.said import Said

HANDLERS = (
    notices.list_notices,
    notices.show_lateness,
    notices.show_overlaps,
    notices.compare_waiting,
    filing.new_notice,
    filing.file_notice,
    filing.list_files,
    filing.send_file,
    filing.show_file,
    filing.download_problems,
    filing.download_csv,
    filing.download_xlsx,
    filing.download_links,
    filing.list_establishments,
    filing.enrol_establishment,
    notices.show_notice,
    notices.show_slip,
    notices.compare_notice,
    notices.answer_notice,
    records.list_records,
    records.answer_many,
    records.show_record,
    records.compare_record,
    records.answer_for_record,
    citizen_entry.new_citizen,
    citizen_entry.enrol_citizen,
)
NAV = (
    NavEntry("/notices", Said("届出", "Notices"), notices.FILERS),
    NavEntry("/records", Said("回答を待つ記録", "Records to answer for"), notices.CLERKS),
    NavEntry("/notice-files", Said("届出ファイル", "Files of notices"), notices.FILERS),
    NavEntry("/overlaps", Said("資格の重複", "Overlaps"), notices.CLERKS),
    NavEntry("/lateness", Said("届出・登録の遅れ", "Lateness"), notices.CLERKS),
    NavEntry("/establishments", Said("事業所", "Places of work"), notices.CLERKS),
    NavEntry("/citizens/new", Said("本人の利用登録", "Enrol a citizen"), notices.CLERKS),
)
AREA = Area(Said("資格の届出と登録", "Notices and registration"), HANDLERS, NAV, notices.tasks)
