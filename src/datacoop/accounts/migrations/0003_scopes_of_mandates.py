"""What was a mandate for everything is one to correct and one to decide."""

from django.db import migrations


def divide(apps, schema_editor):
    mandates = apps.get_model("accounts", "Mandate").objects
    for whole in mandates.filter(scope="all").order_by("pk"):
        whole.scope = "edit"
        whole.save(update_fields=["scope"])
        whole.pk, whole.scope = None, "decide"
        whole.save(force_insert=True)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_codes'),
    ]

    operations = [
        # Back again, a mandate to correct and one to decide stay what they are.
        migrations.RunPython(divide, migrations.RunPython.noop),
    ]
