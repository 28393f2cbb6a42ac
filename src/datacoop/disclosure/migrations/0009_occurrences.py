"""Dates have an index of their own: every date that is indexed becomes a row of it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('disclosure', '0008_repeats'),
    ]

    operations = [
        migrations.CreateModel(
            name='Occurrence',
            fields=[
                ('pk', models.CompositePrimaryKey('record_id', 'tier', 'theme', 'start', blank=True, editable=False, primary_key=True, serialize=False)),
                ('record_id', models.BigIntegerField()),
                ('tier', models.SmallIntegerField()),
                ('theme', models.CharField(max_length=60)),
                ('start', models.BigIntegerField()),
                ('kind', models.IntegerField()),
                ('place', models.CharField(max_length=80)),
                ('cell', models.IntegerField(null=True)),
                ('lat', models.FloatField(null=True)),
                ('lon', models.FloatField(null=True)),
                ('deeper', models.TextField(blank=True, default='')),
            ],
        ),
        migrations.CreateModel(
            name='Rolling',
            fields=[
                ('key', models.BigIntegerField(primary_key=True, serialize=False)),
                ('until', models.BigIntegerField(db_index=True)),
            ],
        ),
        migrations.RunSQL(
            "INSERT INTO disclosure_occurrence (record_id, tier, theme, start, kind, place, cell, lat, lon, deeper)"
            " SELECT record_id, tier, theme, start, kind, place, cell, lat, lon, deeper"
            " FROM disclosure_entry WHERE start IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveIndex(
            model_name='entry',
            name='disclosure_entry_place_start',
        ),
        migrations.RemoveIndex(
            model_name='entry',
            name='disclosure_entry_start',
        ),
        migrations.RemoveField(
            model_name='entry',
            name='start',
        ),
        migrations.AddIndex(
            model_name='occurrence',
            index=models.Index(fields=['tier', 'kind', 'theme', 'place', 'start', 'record_id', 'deeper'], name='disclosure_occurrence_place'),
        ),
        migrations.AddIndex(
            model_name='occurrence',
            index=models.Index(fields=['tier', 'kind', 'theme', 'start', 'record_id', 'deeper'], name='disclosure_occurrence_start'),
        ),
    ]
