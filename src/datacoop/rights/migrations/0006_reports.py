"""Reports without an account, what holders are told, and the yearly question."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rights', "0005_claims"),
        ('sources', '0003_rows_kept_sealed'),
    ]

    operations = [
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('record_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('asked_at', models.DateTimeField(null=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['asked_at'], name='rights_confirmation_asked')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=5)),
                ('record_uid', models.UUIDField(db_index=True, null=True)),
                ('text', models.TextField(blank=True, default='')),
                ('cells', models.JSONField(default=dict)),
                ('email', models.EmailField(blank=True, default='', max_length=254)),
                ('language', models.CharField(max_length=2)),
                ('created_at', models.DateTimeField()),
                ('state', models.CharField(default='waiting', max_length=8)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('settled_at', models.DateTimeField(null=True)),
                ('settled_by', models.CharField(blank=True, default='', max_length=80)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'created_at'], name='rights_report_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ('add', 'error', 'gone'))), name='rights_report_kind'), models.CheckConstraint(condition=models.Q(('state__in', ('waiting', 'accepted', 'declined'))), name='rights_report_state'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'add'), ('record_uid__isnull', True)), models.Q(models.Q(('kind', 'add'), _negated=True), ('record_uid__isnull', False)), _connector='OR'), name='rights_report_about')],
            },
        ),
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.BigIntegerField()),
                ('made_at', models.DateTimeField()),
                ('answer', models.CharField(blank=True, default='', max_length=8)),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.CharField(blank=True, default='', max_length=80)),
                ('holder', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sources.holder')),
            ],
            options={
                'indexes': [models.Index(fields=['holder', 'record_id'], name='rights_objection_holder')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('answered_at__isnull', True)), fields=('record_id', 'holder'), name='rights_objection_open_once'), models.CheckConstraint(condition=models.Q(('answer__in', ('', 'removed', 'kept'))), name='rights_objection_answer'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at__isnull', True)), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='rights_objection_answered_whole')],
            },
        ),
        migrations.CreateModel(
            name='Passed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.BigIntegerField()),
                ('property', models.CharField(max_length=60)),
                ('at', models.DateTimeField()),
                ('holder', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sources.holder')),
            ],
            options={
                'indexes': [models.Index(fields=['holder', 'record_id'], name='rights_passed_holder')],
                'constraints': [models.UniqueConstraint(fields=('record_id', 'holder', 'property'), name='rights_passed_once')],
            },
        ),
    ]
