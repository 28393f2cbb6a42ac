from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_scopes_of_mandates'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.CheckConstraint(condition=models.Q(('scope__in', ('edit', 'decide', 'self', 'guardian', 'holder'))), name='accounts_mandate_scope'),
        ),
    ]
