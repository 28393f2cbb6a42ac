"""Whom clients are written to, and what they were reminded of."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies: ClassVar = []

    operations: ClassVar = [
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("agreement", models.CharField(max_length=40)),
                ("email", models.EmailField(max_length=254)),
                ("language", models.CharField(max_length=2)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["agreement", "email"], name="clients_contact_once")],
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("agreement", models.CharField(db_index=True, max_length=40)),
                ("step", models.CharField(max_length=8)),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(step__in=("late", "held")), name="clients_reminder_step"
                    )
                ],
            },
        ),
    ]
