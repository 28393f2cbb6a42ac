"""Claims of organisations, and removals of who represents them."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rights', '0004_contribution_agreements'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_uid', models.UUIDField(db_index=True)),
                ('scope', models.CharField(max_length=8)),
                ('method', models.CharField(max_length=16)),
                ('state', models.CharField(default='open', max_length=10)),
                ('seed', models.UUIDField(default=uuid.uuid4)),
                ('code_id', models.BigIntegerField(null=True)),
                ('language', models.CharField(default='fr', max_length=2)),
                ('hands_over', models.BooleanField(default=False)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('checked_at', models.DateTimeField(null=True)),
                ('posted_at', models.DateTimeField(null=True)),
                ('proven_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField(null=True)),
                ('granted_at', models.DateTimeField(null=True)),
                ('frozen_at', models.DateTimeField(null=True)),
                ('objected_by', models.CharField(blank=True, default='', max_length=40)),
                ('settled_at', models.DateTimeField(null=True)),
                ('settled_by', models.CharField(blank=True, default='', max_length=80)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'due_at'], name='rights_claim_clock')],
                'constraints': [models.CheckConstraint(condition=models.Q(('scope__in', ('edit', 'decide'))), name='rights_claim_scope'), models.CheckConstraint(condition=models.Q(('method__in', ('mailbox', 'representative', 'website', 'letter', 'steward', 'invitation'))), name='rights_claim_method'), models.CheckConstraint(condition=models.Q(('state__in', ('open', 'waiting', 'granted', 'frozen', 'refused', 'withdrawn', 'expired'))), name='rights_claim_state'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'waiting'), _negated=True), models.Q(('due_at__isnull', False), ('proven_at__isnull', False)), _connector='OR'), name='rights_claim_waits_proven'), models.UniqueConstraint(condition=models.Q(('state__in', ('open', 'waiting', 'frozen'))), fields=('account', 'subject_uid'), name='rights_claim_once')],
            },
        ),
        migrations.CreateModel(
            name='Removal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_uid', models.UUIDField(db_index=True)),
                ('scope', models.CharField(max_length=8)),
                ('state', models.CharField(default='waiting', max_length=10)),
                ('made_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('objected_at', models.DateTimeField(null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('settled_by', models.CharField(blank=True, default='', max_length=80)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'due_at'], name='rights_removal_clock')],
                'constraints': [models.CheckConstraint(condition=models.Q(('scope__in', ('edit', 'decide'))), name='rights_removal_scope'), models.CheckConstraint(condition=models.Q(('state__in', ('waiting', 'frozen', 'done', 'dropped'))), name='rights_removal_state'), models.CheckConstraint(condition=models.Q(('account', models.F('proposed_by')), _negated=True), name='rights_removal_of_another'), models.UniqueConstraint(condition=models.Q(('state__in', ('waiting', 'frozen'))), fields=('account', 'subject_uid'), name='rights_removal_once')],
            },
        ),
    ]
