"""Requests under the rights of those concerned, with their clocks."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rights', "0006_reports"),
    ]

    operations = [
        migrations.CreateModel(
            name='Request',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_id', models.BigIntegerField(db_index=True, null=True)),
                ('kind', models.CharField(max_length=8)),
                ('state', models.CharField(default='received', max_length=8)),
                ('asked_by', models.CharField(blank=True, default='', max_length=80)),
                ('asked_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('language', models.CharField(blank=True, default='', max_length=2)),
                ('words', models.BinaryField(null=True)),
                ('extended_at', models.DateTimeField(null=True)),
                ('later_because', models.CharField(blank=True, default='', max_length=12)),
                ('settled_by', models.CharField(blank=True, default='', max_length=80)),
                ('settled_at', models.DateTimeField(null=True)),
                ('refused_because', models.CharField(blank=True, default='', max_length=12)),
                ('reply', models.BinaryField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'due_at'], name='rights_request_clock')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ('access', 'rectify', 'restrict', 'object', 'erase', 'port'))), name='rights_request_kind'), models.CheckConstraint(condition=models.Q(('state__in', ('received', 'done', 'refused'))), name='rights_request_state'), models.CheckConstraint(condition=models.Q(models.Q(('refused_because__in', ('not_them', 'others', 'law', 'unfounded', 'already')), ('state', 'refused')), models.Q(models.Q(('state', 'refused'), _negated=True), ('refused_because', '')), _connector='OR'), name='rights_request_refused_with_reason'), models.CheckConstraint(condition=models.Q(models.Q(('extended_at__isnull', True), ('later_because', '')), models.Q(('extended_at__isnull', False), ('later_because__in', ('complex', 'many'))), _connector='OR'), name='rights_request_later_with_reason'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('state', 'received')), models.Q(models.Q(('state', 'received'), _negated=True), ('settled_at__isnull', False)), _connector='OR'), name='rights_request_settled_once'), models.CheckConstraint(condition=models.Q(('subject_id__isnull', False), models.Q(('asked_by', ''), ('kind', 'erase'), ('settled_by', ''), ('state', 'done')), _connector='OR'), name='rights_request_whose')],
            },
        ),
    ]
