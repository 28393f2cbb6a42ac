"""Links and letter codes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rights', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seed', models.UUIDField(unique=True)),
                ('token_digest', models.CharField(max_length=64, unique=True)),
                ('code_digest', models.CharField(max_length=64, unique=True)),
                ('subject_uid', models.UUIDField(db_index=True)),
                ('notice_id', models.BigIntegerField(db_index=True, null=True)),
                ('channel', models.CharField(max_length=10)),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('channel__in', ('mail', 'shared', 'letter'))), name='rights_link_channel'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('made_at'))), name='rights_link_ends_after_start')],
            },
        ),
    ]
