"""What is disputed: a mark beside a property of which neither truth nor error can be shown."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('consent', '0003_indexing'),
    ]

    operations = [
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_id', models.BigIntegerField(db_index=True)),
                ('property', models.CharField(max_length=60)),
                ('reason', models.CharField(max_length=500)),
                ('actor', models.CharField(max_length=80)),
                ('at', models.DateTimeField()),
                ('begin_revision', models.BigIntegerField()),
                ('end_revision', models.BigIntegerField(null=True)),
            ],
        ),
    ]
