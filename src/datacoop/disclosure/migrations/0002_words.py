"""Full-text tables: FTS5 on SQLite, tsvector on PostgreSQL. Public words and wider ones never share a list."""

from django.db import migrations

SQLITE = [
    "CREATE VIRTUAL TABLE disclosure_words_public USING fts5(name, text, deeper, detail=none, prefix='11 12',"
    " tokenize='unicode61 remove_diacritics 0')",
    "CREATE VIRTUAL TABLE disclosure_words_wider USING fts5(name, text, deeper, detail=none,"
    " tokenize='unicode61 remove_diacritics 0')",
    "CREATE VIRTUAL TABLE disclosure_vocabulary_public USING fts5vocab(disclosure_words_public, row)",
    "CREATE VIRTUAL TABLE disclosure_vocabulary_wider USING fts5vocab(disclosure_words_wider, row)",
]
SQLITE_UNDO = [
    "DROP TABLE disclosure_vocabulary_public",
    "DROP TABLE disclosure_vocabulary_wider",
    "DROP TABLE disclosure_words_public",
    "DROP TABLE disclosure_words_wider",
]
POSTGRESQL = [
    "CREATE TABLE disclosure_words (tier smallint NOT NULL, record_id bigint NOT NULL, kind integer NOT NULL,"
    " words tsvector NOT NULL, PRIMARY KEY (record_id, tier))",
    "CREATE INDEX disclosure_words_public ON disclosure_words USING gin (words) WHERE tier = 1",
    "CREATE INDEX disclosure_words_wider ON disclosure_words USING gin (words) WHERE tier <> 1",
]
POSTGRESQL_UNDO = ["DROP TABLE disclosure_words"]


def _run(sqlite, postgresql):
    def run(apps, editor):
        for sql in postgresql if editor.connection.vendor == "postgresql" else sqlite:
            editor.execute(sql)

    return run


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0001_initial")]
    operations = [migrations.RunPython(_run(SQLITE, POSTGRESQL), _run(SQLITE_UNDO, POSTGRESQL_UNDO))]
