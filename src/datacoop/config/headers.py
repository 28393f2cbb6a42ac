"""What browsers may load and do on our pages: own origin only. A view may set a stricter policy itself."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# MapLibre starts its worker from a blob and draws its icons from data and blob images.
POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
PERMISSIONS = "camera=(), microphone=(), geolocation=(self), payment=(), usb=()"


class SecurityHeaders:
    """Adds the content security policy to every Django answer that has none of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # `xframe_options_exempt` is Django's own mark of a page made to be embedded.
        framing = "*" if getattr(response, "xframe_options_exempt", False) else "'none'"
        policy = "; ".join(f"{name} {sources}" for name, sources in (POLICY | {"frame-ancestors": framing}).items())
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response
