"""What an account decided, found without reading every decision."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0005_minors'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(fields=['actor'], name='consent_decision_actor'),
        ),
    ]
