"""The API's page for people, written from the OpenAPI document: readable as plain HTML, nothing from elsewhere."""

from typing import Any, Final
from urllib.parse import urlencode

from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from datacoop.api.problems import PROBLEMS
from datacoop.api.routes import ACKNOWLEDGEMENTS, CHAINED, PREFIX
from datacoop.api.trying import form_of

#: Parameters that an example shows: together they still find something in most directories.
_TRIED: Final = frozenset({"q", "bbox"})
#: What needs a token, or an entry that one knows already.
_NOT_TRIED: Final = frozenset(f"{PREFIX}{each}" for each in (ACKNOWLEDGEMENTS, *CHAINED))

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="{sheet}">
<script type="module" src="{console}"></script>
</head>
<body>
<main class="wide reading">
<h1>{title}</h1>
<p>{introduction}</p>
<p><a href="/api/openapi.json">OpenAPI 3.1</a> · <a href="/catalog">Catalogue (DCAT-AP CH)</a> ·
<a href="/hsds/">HSDS 3</a></p>
<h2 id="terms">Licence and terms</h2>
<p>Public data come under <a href="{licence}">{licence}</a>. A client's data come under the terms it signed: what
is withdrawn must be erased within the agreed hours.</p>
<h2 id="token">Token</h2>
<p><code>POST /oauth/token</code>, form-encoded, with <code>grant_type=client_credentials</code> and your client id
and secret; then <code>Authorization: Bearer …</code> with every request.</p>
{sandbox}<h2 id="routes">Addresses</h2>
<p>Each can be tried here: fill in what you want to ask and press GET.</p>
<p id="bearer" hidden><label>Access token, if you have one; it is kept nowhere <input autocomplete="off"></label></p>
{routes}
<h2 id="problems">Problems</h2>
<dl>{problems}</dl>
</main>
</body>
</html>
"""


_SANDBOX = """<h2 id="sandbox">Sandbox</h2>
<p>Everything here is invented. This test client may be used by anybody, and sees what is shown to public bodies:
id <code>{client}</code>, secret <code>{secret}</code>.</p>
<div class="scroll" tabindex="0" role="region" aria-label="A token"><pre><code>curl -u '{client}:{secret}' \\
  -d grant_type=client_credentials {base_url}/oauth/token</code></pre></div>
"""


def page(document: dict[str, Any], sandbox: tuple[str, str] | None = None) -> SafeString:
    """The whole page; `sandbox` is the id and the secret of the demo's test client."""
    info = document["info"]
    routes = [
        (path, method.upper(), operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return format_html(
        _PAGE,
        sheet=static("build/portal.css"),
        title=info["title"],
        console=static("build/console.js"),
        introduction=info["description"],
        sandbox=_sandbox(sandbox, document["servers"][0]["url"]),
        licence=info["license"]["url"],
        routes=format_html_join("\n", "{}", ((_route(*each),) for each in routes)),
        problems=format_html_join(
            "\n",
            '<dt id="{}"><code>{}</code></dt><dd>{}: {}.</dd>',
            ((code, code, status, title) for code, (status, title) in PROBLEMS.items()),
        ),
    )


def example_of(path: str, method: str, operation: dict[str, Any]) -> str | None:
    """An address to try as it stands: a read one that names no record, with the parameters that have an example."""
    given = [each for each in operation.get("parameters", ()) if "example" in each]
    is_open = {} in operation.get("security", [{}])
    if method != "GET" or "{" in path or not is_open or path in _NOT_TRIED:
        return None
    query = urlencode([(each["name"], each["example"]) for each in given if each["name"] in _TRIED], doseq=True)
    return f"{path}?{query}" if query else path


def _route(path: str, method: str, operation: dict[str, Any]) -> SafeString:
    summary = format_html("<summary><code>{} {}</code> – {}</summary>", method, path, operation["summary"])
    example = example_of(path, method, operation)
    tried = format_html('<p>Try it: <a href="{0}"><code>{0}</code></a></p>', example) if example else ""
    return format_html("<details>{}{}{}</details>", summary, tried, form_of(path, operation) if method == "GET" else "")


def _sandbox(client: tuple[str, str] | None, base_url: str) -> SafeString | str:
    """Only an invented cooperative says a client's secret to everybody."""
    if client is None:
        return ""
    return format_html(_SANDBOX, client=client[0], secret=client[1], base_url=base_url)
