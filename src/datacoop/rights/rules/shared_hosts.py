"""Places on the web that give pages to anybody: a file or a page there is somebody's, not the organisation's. Pure."""

#: Registered names; whatever stands below one of them is shared too.
SHARED_HOSTS = frozenset(
    {
        "000webhostapp.com", "123website.ch", "about.me", "altervista.org", "angelfire.com", "bandcamp.com",
        "beepworld.de", "blogspot.ch", "blogspot.com", "blogspot.de", "blogspot.fr", "blogspot.it", "bsky.app",
        "canva.site", "carrd.co", "clubdesk.ch", "clubdesk.com", "clubdesk.de", "e-monsite.com", "eklablog.com",
        "facebook.com", "fairgate.ch", "fb.com", "firebaseapp.com", "free.fr", "github.io", "gitlab.io",
        "glitch.me", "google.com", "hautetfort.com", "helloasso.com", "hitobito.com", "hpage.com", "infomaniak.com",
        "infomaniak.site", "instagram.com", "jimdo.com", "jimdofree.com", "jimdosite.com", "klubraum.com",
        "linkedin.com", "linktr.ee", "livejournal.com", "lovable.app", "mastodon.social", "medium.com",
        "meetup.com", "monsite-orange.fr", "mystrikingly.com", "netlify.app", "notion.site", "one.com",
        "onrender.com", "orange.fr", "over-blog.com", "overblog.com", "pages.dev", "pagesperso-orange.fr",
        "pinterest.com", "podia.com", "replit.app", "simplesite.com", "skyrock.com", "spond.com", "sportsnow.ch",
        "squarespace.com", "strikingly.com", "substack.com", "surge.sh", "systeme.io", "threads.net", "tiktok.com",
        "tripod.com", "tumblr.com", "twitter.com", "typepad.com", "ucoz.com", "vercel.app", "vimeo.com", "vk.com",
        "web.app", "webador.ch", "webflow.io", "webnode.ch", "webnode.com", "webnode.fr", "webnode.page",
        "webself.net", "weebly.com", "wix.com", "wixsite.com", "wordpress.com", "x.com", "yola.com", "yolasite.com",
        "youtube.com", "zoho.eu", "zohosites.com",
    }
)  # fmt: skip
