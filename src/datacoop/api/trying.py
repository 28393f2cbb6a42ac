"""The console of `/api/`: a form for each read address, and where it leads without a script. Nothing is asked here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from datacoop.api.openapi import document
from datacoop.api.site import current_site

Part = dict[str, Any]
#: The form's own field beside the parameters of the address; no address has a parameter of that name.
ROUTE: Final = "route"


@require_safe
def try_out(request: HttpRequest) -> HttpResponse:
    """Lead to the address a form asks for, without the fields left empty; 404 for any that is not described."""
    path = request.GET.get(ROUTE, "")
    operation = document(current_site())["paths"].get(path, {}).get("get")
    if operation is None:
        raise Http404
    asked = [
        (each["name"], value)
        for each in operation.get("parameters", ())
        if each["in"] == "query"
        for value in request.GET.getlist(each["name"])
        if value
    ]
    path = path.replace("{id}", quote(request.GET.get("id", ""), safe=""))
    return HttpResponseRedirect(f"{path}?{urlencode(asked)}" if asked else path)


def form_of(path: str, operation: Part, said: Callable[[Part], SafeString]) -> SafeString:
    """The form of one read address: a field for each parameter, what it does (`said`) beside it."""
    fields = format_html_join("\n", "{}", ((_field(each, said(each)),) for each in operation.get("parameters", ())))
    has_id = SafeString(' data-id="1"') if "{id}" in path else ""
    return format_html(
        '<form class="try" method="get" action="/api/try"{}><input type="hidden" name="{}" value="{}">\n{}\n'
        '<p><button class="primary">GET</button></p><output></output></form>',
        has_id,
        ROUTE,
        path,
        fields,
    )


def _field(each: Part, said: SafeString) -> SafeString:
    name = each["name"]
    schema = each["schema"].get("items", each["schema"])
    required = SafeString(" required") if each.get("required") else ""
    if "enum" in schema or schema.get("type") == "boolean":
        choices = schema.get("enum", ("true", "false"))
        options = format_html_join("", "<option>{}</option>", ((choice,) for choice in choices))
        control = format_html('<select name="{}"{}><option></option>{}</select>', name, required, options)
    else:
        example = each.get("example", "")
        example = example[0] if isinstance(example, list) else example
        control = format_html('<input name="{}" placeholder="{}"{}>', name, example, required)
    return format_html("<label><code>{}</code> {}<span>{}</span></label>", name, control, said)
