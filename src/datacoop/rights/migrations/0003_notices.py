"""Notices, their sendings, how far each list is looked through, and who was told."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rights', '0002_links'),
        ('sources', '0003_rows_kept_sealed'),
    ]

    operations = [
        migrations.CreateModel(
            name='NoticedList',
            fields=[
                ('source_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('number', models.IntegerField(default=0)),
                ('after', models.BigIntegerField(default=-1)),
                ('unfinished', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Told',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.BinaryField(unique=True)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Sending',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(max_length=8)),
                ('text_version', models.PositiveSmallIntegerField()),
                ('text_sha256', models.CharField(max_length=64)),
                ('count', models.PositiveIntegerField()),
                ('cost_cents', models.PositiveIntegerField(default=0)),
                ('per_day', models.PositiveIntegerField()),
                ('first_on', models.DateField()),
                ('last_on', models.DateField()),
                ('prepared_by', models.CharField(max_length=80)),
                ('prepared_at', models.DateTimeField()),
                ('holder_pressed_by', models.CharField(blank=True, default='', max_length=80)),
                ('holder_pressed_at', models.DateTimeField(null=True)),
                ('steward_pressed_by', models.CharField(blank=True, default='', max_length=80)),
                ('steward_pressed_at', models.DateTimeField(null=True)),
                ('stopped_by', models.CharField(blank=True, default='', max_length=80)),
                ('stopped_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sources.holder')),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_id', models.BigIntegerField()),
                ('natural', models.BooleanField()),
                ('state', models.CharField(default='waiting', max_length=8)),
                ('created_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('changed_at', models.DateTimeField(null=True)),
                ('generation', models.PositiveSmallIntegerField(default=1)),
                ('content', models.BinaryField(null=True)),
                ('channel', models.CharField(blank=True, default='', max_length=8)),
                ('language', models.CharField(blank=True, default='', max_length=2)),
                ('text_version', models.PositiveSmallIntegerField(null=True)),
                ('text_sha256', models.CharField(blank=True, default='', max_length=64)),
                ('sent_at', models.DateTimeField(null=True)),
                ('delivered_at', models.DateTimeField(null=True)),
                ('reminded_at', models.DateTimeField(null=True)),
                ('answered_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('holder', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sources.holder')),
                ('sending', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='rights.sending')),
            ],
        ),
        migrations.AddConstraint(
            model_name='sending',
            constraint=models.CheckConstraint(condition=models.Q(('channel__in', ('mail', 'letter', 'merge'))), name='rights_sending_channel'),
        ),
        migrations.AddConstraint(
            model_name='sending',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('holder_pressed_by', models.F('steward_pressed_by')), _negated=True), ('holder_pressed_by', ''), _connector='OR'), name='rights_sending_two_hands'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['holder', 'state', 'due_at'], name='rights_notice_clock'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('subject_id', 'holder'), name='rights_notice_once_per_holder'),
        ),
    ]
