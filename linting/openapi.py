"""The committed description of the API is what the code describes. Run: `python -m linting.openapi [--write]`.

The file is for whoever reads or generates from it without a running installation; a change of the API shows in it.
"""

import json
import os
import sys
from pathlib import Path

import django

FILE = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"
EXAMPLE = "https://directory.example.org"


def described() -> str:
    """The description as the file has it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "datacoop.config.settings")
    django.setup()
    from datacoop.api.openapi import document  # noqa: PLC0415 -- needs the settings
    from datacoop.api.site import Site  # noqa: PLC0415

    return json.dumps(document(Site(EXAMPLE)), ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    """Compare, or write with `--write`."""
    now = described()
    if "--write" in sys.argv[1:]:
        FILE.write_text(now, encoding="utf-8")
        return 0
    if FILE.is_file() and FILE.read_text(encoding="utf-8") == now:
        print("docs/openapi.json is what the code describes.")
        return 0
    print("docs/openapi.json is not what the code describes: `make openapi` writes it; look at the difference.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
