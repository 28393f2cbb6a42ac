"""The process of its own that looks at one file: `python -m datacoop.pipelines.trying FOLDER`."""

import os
import sys

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "datacoop.config.settings")
    django.setup()
    from datacoop.pipelines.trying.working import work

    work(sys.argv[1])
