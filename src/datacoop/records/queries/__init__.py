"""Reading records: for records, consent, disclosure, sources and linking alone (law 1).

Everything comes back as frozen dataclasses; only *effective* statements and merges are seen, so a contribution that
is still staged does not exist for anybody here. This is the one door; the modules behind it are by what is asked.
"""

from datacoop.records.queries.contacts import ContactUse, contact_uses, uses_of_contacts
from datacoop.records.queries.effective import latest_revision
from datacoop.records.queries.everything import EverySaid, every_statement, statements_of
from datacoop.records.queries.facts import load, marks_of, referring, spoken_of
from datacoop.records.queries.identities import (
    find_record,
    kinds_of,
    list_record_ids,
    records_about,
    subjects_of,
    uids_of,
)
from datacoop.records.queries.merges import (
    MergeFacts,
    StagedMerge,
    mergers_of,
    merges_ever,
    merges_of,
    merges_staged,
    root_of,
)
from datacoop.records.queries.said import MaskedFacts, PropertyChange, SaidFacts, changes_by, masked_of, said_of
from datacoop.records.queries.sources import accepted_numbers, licence_of, lists_beside, lists_naming, source_facts
from datacoop.records.queries.traces import (
    Naming,
    RevisionFacts,
    TraceFacts,
    holder_uids,
    merge_reasons,
    namings_of,
    revisions,
    traces_of,
)

__all__ = [
    "ContactUse",
    "EverySaid",
    "MaskedFacts",
    "MergeFacts",
    "Naming",
    "PropertyChange",
    "RevisionFacts",
    "SaidFacts",
    "StagedMerge",
    "TraceFacts",
    "accepted_numbers",
    "changes_by",
    "contact_uses",
    "every_statement",
    "find_record",
    "holder_uids",
    "kinds_of",
    "latest_revision",
    "licence_of",
    "list_record_ids",
    "lists_beside",
    "lists_naming",
    "load",
    "marks_of",
    "masked_of",
    "merge_reasons",
    "mergers_of",
    "merges_ever",
    "merges_of",
    "merges_staged",
    "namings_of",
    "records_about",
    "referring",
    "revisions",
    "root_of",
    "said_of",
    "source_facts",
    "spoken_of",
    "statements_of",
    "subjects_of",
    "traces_of",
    "uids_of",
    "uses_of_contacts",
]
