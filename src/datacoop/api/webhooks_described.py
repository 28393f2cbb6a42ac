"""The addresses of webhooks in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from datacoop.accounts.rules import LONGEST_OVERLAP, OVERLAP
from datacoop.api.routes import PREFIX, WEBHOOKS
from datacoop.api.webhooks import STATES
from datacoop.feeds.rules import LONGEST_ADDRESS

Part = dict[str, Any]
_URL: Part = {"type": "string", "maxLength": LONGEST_ADDRESS, "example": "https://ville.example.org/hook"}
_AT: Part = {"type": "string", "format": "date-time"}
_PERHAPS: Part = {"type": ["string", "null"], "format": "date-time"}
_SECRET: Part = {"type": "string", "description": "To check messages by; told here, once."}


def webhook_paths() -> Part:
    """Return the paths at which a client says where it is told that its feed has something new."""
    one = f"{PREFIX}{WEBHOOKS}/{{id}}"
    return {
        f"{PREFIX}{WEBHOOKS}": {"get": _listed(), "post": _given()},
        one: {"delete": _removed()},
        f"{one}/secret": {"post": _signed_anew()},
        f"{one}/replay": {"post": _said_again()},
    }


def _operation(name: str, summary: str, answers: Part, refused: tuple[str, ...], **more: object) -> Part:
    problems = {code: {"$ref": f"#/components/responses/problem_{code}"} for code in sorted(("400", *refused))}
    return {
        "operationId": name,
        "summary": summary,
        "security": [{"client": []}],
        **more,
        "responses": answers | problems,
    }


def _listed() -> Part:
    items = {"type": "array", "maxItems": 1, "items": _webhook()}
    schema = {"type": "object", "required": ["items"], "properties": {"items": items}}
    answers = {"200": _found(schema), "304": {"description": "Nothing changed since the ETag you sent."}}
    summary = "Where you are told that your feed has something new, and what did not arrive"
    return _operation("webhooks", summary, answers, ("401", "403", "406", "429", "503"))


def _given() -> Part:
    answers = {
        "200": _found(_webhook(), "The address is changed; the secret stays."),
        "201": _found(_webhook(secret=_SECRET), "You are told there from now on."),
    }
    described = (
        "Messages follow Standard Webhooks and say only that there is something to fetch. A client has one address, on"
        " the public web, by https. What waits goes to the new one too, once a minute at most."
    )
    body = _body({"url": _URL}, ["url"])
    refused = ("401", "403", "405", "413", "415", "429", "503")
    return _operation(
        "give_webhook", "Be told at an address", answers, refused, description=described, requestBody=body
    )


def _removed() -> Part:
    answers = {"204": {"description": "Nothing is sent any more."}}
    refused = ("401", "403", "404", "405", "429", "503")
    summary = "Be told nothing any more: address, secret and what waits are forgotten"
    return _operation("remove_webhook", summary, answers, refused, parameters=[_id()])


def _signed_anew() -> Part:
    days = {
        "type": "integer", "minimum": 0, "maximum": LONGEST_OVERLAP.days, "default": OVERLAP.days,
        "description": "For so many days the old one signs too; 0: somebody saw it.",
    }  # fmt: skip
    answers = {"200": _found(_webhook(secret=_SECRET))}
    refused = ("401", "403", "404", "405", "413", "415", "429", "503")
    return _operation(
        "renew_webhook_secret", "Get a new secret", answers, refused, parameters=[_id()],
        requestBody=_body({"overlap_days": days}),
    )  # fmt: skip


def _said_again() -> Part:
    message = {"type": "string", "description": "The id of a message; without it all that were given up, in one."}
    count = {"type": "integer", "description": "0: one waits already, and says as much."}
    schema = {"type": "object", "required": ["replayed"], "properties": {"replayed": count}}
    refused = ("401", "403", "404", "405", "413", "415", "429", "503")
    return _operation(
        "replay_webhook", "Say again what was given up", {"200": _found(schema, "It is said again.")}, refused,
        parameters=[_id()], requestBody=_body({"message": message}),
    )  # fmt: skip


def _id() -> Part:
    return {
        "name": "id", "in": "path", "required": True, "description": "As the list tells it: your client id.",
        "schema": {"type": "string"},
    }  # fmt: skip


def _body(properties: Part, required: list[str] | None = None) -> Part:
    needed: Part = {"required": required} if required else {}
    schema = {"type": "object", **needed, "properties": properties, "additionalProperties": False}
    return {"required": required is not None, "content": {"application/json": {"schema": schema}}}


def _found(schema: Part, description: str = "Found.") -> Part:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _webhook(**more: Part) -> Part:
    properties: Part = {
        "id": {"type": "string"},
        "url": {"type": "string"},
        "given_at": _AT,
        "reached_at": {**_PERHAPS, "description": "When a message last arrived."},
        "gone_at": {**_PERHAPS, "description": "Since when your server wants no more (410): give the address again."},
        "former_secret_until": {**_PERHAPS, "description": "So long the secret before signs too."},
        "messages": {"type": "array", "items": _message(), "description": "Those that did not arrive, newest first."},
        **more,
    }
    return {"type": "object", "required": list(properties), "properties": properties}


def _message() -> Part:
    properties: Part = {
        "id": {"type": "string", "description": "The `webhook-id` it is sent under."},
        "made_at": _AT,
        "state": {"enum": list(STATES)},
        "attempts": {"type": "integer"},
        "problem": {"type": ["string", "null"], "description": "Why the last attempt failed."},
        "status": {"type": ["integer", "null"], "description": "What your server answered then."},
        "next_at": {**_PERHAPS, "description": "When it is tried next."},
    }
    return {"type": "object", "required": list(properties), "properties": properties}
