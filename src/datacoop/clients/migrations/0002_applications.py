"""What clients apply for and sign, and the stewards who assent."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("clients", "0001_initial")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Application",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("agreement", models.CharField(max_length=40, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("country", models.CharField(max_length=2)),
                ("regime", models.CharField(max_length=16)),
                ("terms", models.CharField(max_length=60)),
                ("purposes", models.TextField()),
                ("properties", models.TextField(blank=True, default="")),
                ("retention_days", models.SmallIntegerField()),
                ("hours_to_erase", models.SmallIntegerField()),
                ("live_only", models.BooleanField(default=False)),
                ("applicant", models.BigIntegerField(db_index=True)),
                ("signatory", models.CharField(max_length=200)),
                ("text_version", models.SmallIntegerField()),
                ("text_language", models.CharField(max_length=2)),
                ("text_sha256", models.CharField(max_length=64)),
                ("signed_at", models.DateTimeField()),
                ("state", models.CharField(default="open", max_length=10)),
                ("notice_until", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("vote", models.CharField(blank=True, default="", max_length=40)),
                ("vote_on", models.DateField(null=True)),
                ("vote_at", models.CharField(blank=True, default="", max_length=300)),
                ("told_at", models.DateTimeField(null=True)),
                ("joins_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(state__in=("open", "announced", "approved", "refused")),
                        name="clients_application_state",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Assent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("steward", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="assents", to="clients.application"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["application", "steward"], name="clients_assent_once")
                ],
            },
        ),
    ]
