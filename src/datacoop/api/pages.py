"""The API's page for people, written from the OpenAPI document: readable as plain HTML, nothing from elsewhere.

Its words are those of the reader's language (`wording`).
"""

import re
from typing import Any, Final
from urllib.parse import urlencode

from django.templatetags.static import static
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from datacoop.api.problems import PROBLEMS
from datacoop.api.routes import ACKNOWLEDGEMENTS, CHAINED, PREFIX
from datacoop.api.trying import form_of
from datacoop.api.wording import LANGUAGES, Words

#: Parameters that an example shows: together they still find something in most directories.
_TRIED: Final = frozenset({"q", "bbox"})
#: What needs a token, or an entry that one knows already.
_NOT_TRIED: Final = frozenset(f"{PREFIX}{each}" for each in (ACKNOWLEDGEMENTS, *CHAINED))
_CODE: Final = re.compile(r"`([^`]+)`")

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="{sheet}">
<script type="module" src="{console}"></script>
</head>
<body>
<main class="wide reading">
<form class="tongues" method="post" action="/language" aria-label="{languages}">
<input type="hidden" name="back" value="/api/">
{tongues}
</form>
<h1>{title}</h1>
<p>{introduction}</p>
<p><a href="/api/openapi.json">OpenAPI 3.1</a> · <a href="/catalog">{catalogue}</a> ·
<a href="/hsds/">HSDS 3</a></p>
<h2 id="terms">{terms}</h2>
<p>{terms_what}</p>
<h2 id="token">{token}</h2>
<p>{token_what}</p>
{sandbox}<h2 id="routes">{routes_title}</h2>
<p>{routes_what}</p>
<p id="bearer" hidden><label>{bearer} <input autocomplete="off"></label></p>
{routes}
<h2 id="problems">{problems_title}</h2>
<dl>{problems}</dl>
</main>
</body>
</html>
"""


_SANDBOX = """<h2 id="sandbox">{title}</h2>
<p>{what}</p>
<div class="scroll" tabindex="0" role="region" aria-label="{a_token}"><pre><code>curl -u '{client}:{secret}' \\
  -d grant_type=client_credentials {base_url}/oauth/token</code></pre></div>
"""
_TONGUE = '<button name="language" value="{0}" lang="{0}"{1}>{2}</button>'


def page(document: dict[str, Any], words: Words, sandbox: tuple[str, str] | None = None) -> SafeString:
    """The whole page; `sandbox` is the id and the secret of the demo's test client."""
    info, licence = document["info"], document["info"]["license"]["url"]
    routes = [
        (path, method.upper(), operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return format_html(
        _PAGE,
        language=words.language,
        sheet=static("build/portal.css"),
        title=info["title"],
        console=static("build/console.js"),
        tongues=_tongues(words),
        **{name: _marked(words.page(name)) for name in ("introduction", "catalogue", "terms", "token", "token_what")},
        **{name: _marked(words.page(name)) for name in ("languages", "routes_what", "bearer")},
        routes_title=words.page("routes"),
        problems_title=words.page("problems"),
        terms_what=_filled(words.page("terms_what"), licence=format_html('<a href="{0}">{0}</a>', licence)),
        sandbox=_sandbox(sandbox, document["servers"][0]["url"], words),
        routes=format_html_join("\n", "{}", ((_route(*each, words),) for each in routes)),
        problems=format_html_join(
            "\n",
            '<dt id="{}"><code>{}</code></dt><dd>{}</dd>',
            ((code, code, _problem(words, code, *said)) for code, said in PROBLEMS.items()),
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


def _tongues(words: Words) -> SafeString:
    chosen = SafeString(' aria-current="true"')
    return format_html_join(
        "\n", _TONGUE, ((each, chosen if each == words.language else "", each.upper()) for each in LANGUAGES)
    )


def _route(path: str, method: str, operation: dict[str, Any], words: Words) -> SafeString:
    said = _marked(words.summary(operation))
    summary = format_html("<summary><code>{} {}</code> – {}</summary>", method, path, said)
    example = example_of(path, method, operation)
    link = '<p>{1} <a href="{0}"><code>{0}</code></a></p>'
    tried = format_html(link, example, words.page("try")) if example else ""
    form = form_of(path, operation, lambda each: _marked(words.parameter(operation, each))) if method == "GET" else ""
    return format_html("<details>{}{}{}</details>", summary, tried, form)


def _problem(words: Words, code: str, status: int, title: str) -> SafeString:
    return _filled(words.page("problem"), status=status, title=words.problem(code, title))


def _sandbox(client: tuple[str, str] | None, base_url: str, words: Words) -> SafeString | str:
    """Only an invented cooperative says a client's secret to everybody."""
    if client is None:
        return ""
    codes = {
        name: format_html("<code>{}</code>", each) for name, each in zip(("client", "secret"), client, strict=True)
    }
    return format_html(
        _SANDBOX,
        title=words.page("sandbox"),
        what=_filled(words.page("sandbox_what"), **codes),
        a_token=words.page("a_token"),
        client=client[0],
        secret=client[1],
        base_url=base_url,
    )


def _filled(text: str, **gaps: object) -> SafeString:
    """A text of ours with its gaps filled, escaped where they are not HTML already."""
    return format_html(escape(text), **gaps)


def _marked(text: str) -> SafeString:
    """A text of ours, with what stands between backticks as code."""
    return SafeString(_CODE.sub(r"<code>\1</code>", escape(text)))
