"""Flat JSON-LD nodes as Turtle and as RDF/XML: the same statements, in the order given, the same bytes every time.

A node has an `@id`, an `@type` and properties by prefixed name; a value is a text, `{"@id"}`, or `{"@value"}` with a
language or a type. There are no nodes without a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

Node = dict[str, Any]
Prefixes = Mapping[str, str]

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#: What stands in a Turtle text by its escape only (Turtle section 6.4); other controls are no text of ours.
_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def turtle(nodes: Iterable[Node], prefixes: Prefixes) -> bytes:
    """Return the nodes as Turtle."""
    heads = "".join(f"@prefix {prefix}: <{address}> .\n" for prefix, address in prefixes.items())
    return (heads + "".join(_turtle_node(node) for node in nodes)).encode()


def rdf_xml(nodes: Iterable[Node], prefixes: Prefixes) -> bytes:
    """Return the nodes as RDF/XML."""
    spaces = "".join(f" xmlns:{prefix}={quoteattr(address)}" for prefix, address in (("rdf", _RDF), *prefixes.items()))
    inner = "".join(_xml_node(node, prefixes) for node in nodes)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<rdf:RDF{spaces}>\n{inner}</rdf:RDF>\n'.encode()


def _turtle_node(node: Node) -> str:
    types = ", ".join(_listed(node["@type"]))
    said = [f"    {name} {', '.join(map(_turtle_value, values))}" for name, values in _said(node)]
    return "\n" + " ;\n".join([f"<{_iri(node['@id'])}> a {types}", *said]) + " .\n"


def _turtle_value(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value.translate(_ESCAPES)}"'
    if "@id" in value:
        return f"<{_iri(value['@id'])}>"
    marked = f"@{value['@language']}" if "@language" in value else f"^^{value['@type']}"
    return f'"{value["@value"].translate(_ESCAPES)}"{marked}'


def _xml_node(node: Node, prefixes: Prefixes) -> str:
    types = [f"<rdf:type rdf:resource={quoteattr(_full(name, prefixes))}/>" for name in _listed(node["@type"])]
    said = [_xml_value(name, value, prefixes) for name, values in _said(node) for value in values]
    inner = "".join(f"    {line}\n" for line in (*types, *said))
    return f"  <rdf:Description rdf:about={quoteattr(_iri(node['@id']))}>\n{inner}  </rdf:Description>\n"


def _xml_value(name: str, value: Any, prefixes: Prefixes) -> str:
    if isinstance(value, str):
        return f"<{name}>{escape(value)}</{name}>"
    if "@id" in value:
        return f"<{name} rdf:resource={quoteattr(_iri(value['@id']))}/>"
    if "@language" in value:
        marked = f"xml:lang={quoteattr(value['@language'])}"
    else:
        marked = f"rdf:datatype={quoteattr(_full(value['@type'], prefixes))}"
    return f"<{name} {marked}>{escape(value['@value'])}</{name}>"


def _said(node: Node) -> Iterator[tuple[str, list[Any]]]:
    return ((name, _listed(value)) for name, value in node.items() if not name.startswith("@"))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _full(name: str, prefixes: Prefixes) -> str:
    prefix, _, rest = name.partition(":")
    return prefixes[prefix] + rest


def _iri(address: str) -> str:
    """The address, with what no IRI may hold escaped as in an address (RFC 3987)."""
    return "".join(f"%{ord(each):02X}" if each <= " " or each in '<>"{}|^`\\' else each for each in address)
