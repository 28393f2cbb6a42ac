"""Contribution agreements, what waits for a code by post, and how far each notice came."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rights', '0003_notices'),
        ('sources', '0003_rows_kept_sealed'),
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='ContributionAgreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveSmallIntegerField()),
                ('language', models.CharField(max_length=2)),
                ('sha256', models.CharField(max_length=64)),
                ('bases', models.JSONField(default=dict)),
                ('signatory', models.CharField(max_length=200)),
                ('signed_by', models.CharField(max_length=80)),
                ('signed_at', models.DateTimeField()),
                ('paper_on', models.DateField(null=True)),
                ('leaves', models.CharField(max_length=10)),
                ('ended_by', models.CharField(blank=True, default='', max_length=80)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='PendingAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_uid', models.UUIDField(db_index=True)),
                ('notice_id', models.BigIntegerField()),
                ('choice', models.CharField(max_length=10)),
                ('method', models.CharField(max_length=10)),
                ('language', models.CharField(blank=True, default='', max_length=2)),
                ('link_id', models.BigIntegerField(unique=True)),
                ('seen', models.BigIntegerField()),
                ('entered_by', models.CharField(max_length=80)),
                ('entered_at', models.DateTimeField()),
                ('posted_at', models.DateTimeField(null=True)),
                ('settled_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='notice',
            name='composed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='notice',
            name='quiet_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['state', 'due_at'], name='rights_notice_due'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('changed_at__isnull', False)), fields=['changed_at'], name='rights_notice_changed'),
        ),
        migrations.AddField(
            model_name='contributionagreement',
            name='holder',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sources.holder'),
        ),
        migrations.AddConstraint(
            model_name='pendinganswer',
            constraint=models.CheckConstraint(condition=models.Q(('method__in', ('paper', 'telephone'))), name='rights_pending_method'),
        ),
        migrations.AddConstraint(
            model_name='contributionagreement',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('holder',), name='rights_agreement_one_in_force'),
        ),
        migrations.AddConstraint(
            model_name='contributionagreement',
            constraint=models.CheckConstraint(condition=models.Q(('leaves__in', ('withdraw', 'keep'))), name='rights_agreement_leaves'),
        ),
    ]
