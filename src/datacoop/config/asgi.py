"""The served application: the API's read routes, and Django for everything else, in one process."""

import os
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "datacoop.config.settings")


def _application() -> Any:
    django = import_module("datacoop.portal.limits").BoundedBodies(get_asgi_application())
    if find_spec("datacoop.api") and find_spec("datacoop.api.asgi"):
        return import_module("datacoop.api.asgi").wrap(django)
    return django


application = _application()
