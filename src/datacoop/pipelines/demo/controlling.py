"""Who answers for the demo's data, where nobody said who does, and the test client its page of the API tells."""

import json
from pathlib import Path
from typing import Final

from django.conf import settings

CONTROLLER: Final = {
    "CONTROLLER": "Coopérative de données de la Riviera lausannoise (démo)",
    "CONTROLLER_ADDRESS": "Rue des Trois-Fontaines 3; 1000 Lausanne",
    "PHONE": "+41 21 555 01 00",
}


def introduce_controller(folder: Path) -> None:
    """Write it into the demo's folder, where the settings of later processes find it, and take it up in this one."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "controller.json").write_text(json.dumps(CONTROLLER, ensure_ascii=False), encoding="utf-8")
    for name, said in CONTROLLER.items():
        if not getattr(settings, f"DATACOOP_{name}"):
            setattr(settings, f"DATACOOP_{name}", said)


def tell_sandbox(folder: Path, client: tuple[str, str]) -> None:
    """Write the test client's id and secret beside it: everybody may know them, for all that it opens is invented."""
    content = json.dumps({"client_id": client[0], "client_secret": client[1]})
    (folder / "sandbox.json").write_text(content, encoding="utf-8")
    if CONTROLLER["CONTROLLER"] == settings.DATACOOP_CONTROLLER:
        settings.DATACOOP_SANDBOX = client
