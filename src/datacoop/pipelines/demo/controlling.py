"""Who answers for the demo's data: an invented cooperative, where nobody said who does."""

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
