"""Addresses of the API that Django answers; the read routes are answered before it (`asgi`)."""

from django.urls import path

from datacoop.api import acknowledging, catalogue, chain, contributing, hsds, trying, views, webhooks
from datacoop.feeds.catalogue import FORMS

app_name = "api"
urlpatterns = [
    path("oauth/token", views.token, name="token"),
    path("api/", views.overview, name="overview"),
    path("api/try", trying.try_out),
    path("api/openapi.json", views.description, name="openapi"),
    path("api/problems/<slug:code>", views.problem, name="problem"),
    path("api/v1/acknowledgements", acknowledging.acknowledgements),
    path("api/v1/contributions", contributing.contributions),
    path("api/v1/contributions/<uuid:uid>", contributing.contribution),
    path("api/v1/webhooks", webhooks.webhooks),
    path("api/v1/webhooks/<str:webhook>", webhooks.webhook),
    path("api/v1/webhooks/<str:webhook>/secret", webhooks.secret),
    path("api/v1/webhooks/<str:webhook>/replay", webhooks.replay),
    path("api/v1/ledger/checkpoints", chain.checkpoints),
    path("api/v1/ledger/consistency", chain.consistency),
    path("api/v1/ledger/inclusion", chain.inclusion),
    path(".well-known/jwks.json", chain.keys),
    path("catalog", catalogue.catalogue),
    *(path(f"catalog.{ending}", catalogue.catalogue, {"ending": ending}) for ending in FORMS),
    path("hsds", hsds.service),
    path("hsds/", hsds.service),
    path("hsds/organizations", hsds.listing, {"name": "organizations"}),
    path("hsds/organizations/<uuid:uid>", hsds.one, {"name": "organizations"}),
    path("hsds/services", hsds.listing, {"name": "services"}),
    path("hsds/services/<uuid:uid>", hsds.one, {"name": "services"}),
    path("hsds/taxonomies", hsds.vocabulary, {"name": "taxonomies"}),
    path("hsds/taxonomies/<uuid:uid>", hsds.word, {"name": "taxonomies"}),
    path("hsds/taxonomy_terms", hsds.vocabulary, {"name": "taxonomy_terms"}),
    path("hsds/taxonomy_terms/<uuid:uid>", hsds.word, {"name": "taxonomy_terms"}),
    path("hsds/<path:rest>", views.nothing),
    path("api/v1/<path:rest>", views.nothing, name="nothing"),
]
