"""What is effective now: a contribution that is still staged does not exist for anybody who reads."""

from datacoop.lib.sql import select

#: Effective statements; `s` is the statement, `o` its source.
EFFECTIVE = (
    "s.end_revision IS NULL"
    " AND (s.begin_contribution IS NULL OR s.begin_contribution <= o.accepted)"
    " AND (s.end_contribution IS NULL OR s.end_contribution > o.accepted)"
)
#: Statements beside their sources.
STATEMENTS = "records_statement s LEFT JOIN records_source o ON o.id = s.source_id"
#: Effective merges; `m` is the merge, `o` the source that brought it.
MERGED = "m.end_revision IS NULL AND (m.begin_contribution IS NULL OR m.begin_contribution <= o.accepted)"


def latest_revision() -> int:
    """Return the number of the last revision, 0 before the first."""
    return int(select("SELECT max(number) FROM records_revision")[0][0] or 0)
