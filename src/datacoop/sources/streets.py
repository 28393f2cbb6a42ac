"""Street addresses inside free text: where one begins and ends, as it is written in French, German, Italian, English.

A street and a number make an address; a street alone, a locality, a postcode alone do not lead to a door. Pure.
"""

import re
from collections.abc import Iterator
from typing import Final

_LETTER: Final = r"[^\W\d_]"
_BLANK: Final = r"[ \t\u00a0\u202f]"
#: Letters of a name, capital first: Haute, Saint-Jean, d'Aoste, 1er-Mars.
_CAPITAL: Final = r"[A-ZÀ-ÖØ-Þ]"
_NAME: Final = rf"(?:{_CAPITAL}[\w.'’-]*|\d{{1,2}}(?:er|e|ème|[.])?[- ]{_CAPITAL}[\w'’-]*)"
_SMALL: Final = (
    r"(?:de|du|des|d|la|le|les|l|en|au|aux|à|a|sur|sous|et|di|del|della|dei|degli|delle|dell|al|alla|e"
    r"|zu|zur|zum|am|im|von|der|den|dem|the|of)"
)
_OF: Final = rf"(?:{_SMALL}(?:['’]|{_BLANK}+))"
#: What stands before a street of the same name as another.
_WHICH: Final = (
    r"(?:Alte|Neue|Obere|Untere|Hintere|Vordere|Kleine|Grosse|Große|Lange|Mittlere|Innere|Äussere|Äußere)[rs]?"
)
#: 12, 12a, 12 bis, 12-14, 12/3/4; years and days are none.
_HOUSE: Final = (
    rf"\d{{1,3}}(?:{_BLANK}?(?:bis|ter|quater)\b|{_BLANK}?[a-gA-G](?![\w'’]))?"
    rf"(?:{_BLANK}?[-–/+]{_BLANK}?\d{{1,3}}{_BLANK}?[a-gA-G]?(?![\w'’])|/[a-gA-G](?![\w'’]))*"
)
#: What makes a number something else than that of a house.
_UNIT: Final = (
    r"(?:ans?|années?|mois|jours?|semaines?|fois|heures?|h|min(?:utes)?|euros?|fr|chf|eur|francs?|personnes?|membres?"
    r"|enfants?|places?|élèves?|familles?|bénévoles?|km|m|m2|m²|mètres?|kg|jahre?n?|monate?|tage?|wochen?|mal|uhr|stunden?"
    r"|minuten?|franken|personen|mitglieder|kinder|plätze|zimmer|meter|anni|mesi|giorni|settimane|volte|ore|minuti"
    r"|franchi|persone|soci|bambini|posti|metri|years?|months?|days?|weeks?|times|hours?|people|members|children|seats"
    r"|janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|januar|februar|märz|april"
    r"|juni|juli|august|september|oktober|november|dezember|gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto"
    r"|settembre|ottobre|dicembre|january|february|march|may|june|july|october|december)"
)
_NOT_A_HOUSE: Final = rf"(?![\d]|[.,:]\d|{_BLANK}?[%€$°'’]|\.?{_BLANK}?{_UNIT}\b|\.?{_BLANK}{_UNIT}\b)"
_NUMBER: Final = rf"{_HOUSE}{_NOT_A_HOUSE}"
_NO: Final = rf",?{_BLANK}*(?i:n[°ºo]?\.?{_BLANK}?|nr\.?{_BLANK}?|no\.?{_BLANK}?)?"

#: Words that say "street" by themselves, whatever case the rest is written in.
_ROMANCE: Final = (
    r"(?:rue|r\.(?=[ \t\u00a0]*d(?:u|e|es|['’]))|ruelle|avenue|av\.|chemin|ch\.|route|rte|boulevard|bd\.?|bld\.?"
    r"|blvd\.?|quai|impasse|allée|allee|faubourg|fbg\.?|sentier|venelle|via|viale|v\.le|vicolo|contrada|salita|lungolago"
    r"|stradone)"
)
#: Words that mean other things too: the name after them has a capital.
_VAGUE: Final = (
    r"(?:place|pl\.|passage|cours|esplanade|promenade|montée|square|clos|rampe|cité|voie|lotissement|lieu-dit"
    r"|piazza|p\.z?za|piazzale|piazzetta|c\.so|corso|strada|largo|riva|passaggio|galleria|salizada)"
)
#: Words of which one stands in what a pattern finds, and the pattern: texts are looked through for the words first.
_FAMILIES: Final = tuple(
    (tuple(words.split("|")), re.compile("|".join(f"(?:{each})" for each in patterns)))
    for words, *patterns in (
        (
            "rue|r. d|ruelle|avenue|av.|chemin|ch.|route|rte|boulevard|bd|bld|blvd|quai|impasse|allée|allee|faubourg"
            "|fbg|sentier|venelle|via|v.le|vicolo|contrada|salita|lungolago|stradone",
            # Rue du Lac 7; via alla Chiesa, 12; av. de la Gare no 3
            rf"\b(?i:{_ROMANCE}){_BLANK}*(?:{_OF}|{_NAME}{_BLANK}*)*{_NAME}{_NO}{_NUMBER}",
            # Grand-Rue 5
            rf"\b[Gg]rand['’-]?{_BLANK}?[Rr]ue{_NO}{_NUMBER}",
            # rue du lac 7, where nothing but the end of a clause or a postcode follows
            rf"\b(?i:{_ROMANCE}){_BLANK}+(?:{_LETTER}[\w'’-]*{_BLANK}+){{1,4}}{_NUMBER}"
            rf"(?={_BLANK}*(?:$|[\n,;.)!?]|[-–]{_BLANK}|\d{{4,5}}\b|à\b|in\b|a\b))",
            # 12, rue de la Paix; 3 bis avenue Foch
            rf"(?<![\w./-]){_HOUSE}{_BLANK}?,?{_BLANK}*(?i:{_ROMANCE}){_BLANK}+(?:{_OF})*{_LETTER}[\w'’-]+"
            rf"(?:{_BLANK}(?:{_OF})*{_NAME})*",
        ),
        (
            "place|pl.|passage|cours|esplanade|promenade|montée|square|clos|rampe|cité|voie|lotissement|lieu-dit|piazza"
            "|p.zza|p.za|c.so|corso|strada|largo|riva|passaggio|galleria|salizada",
            # Place du Marché 4
            rf"\b(?i:{_VAGUE}){_BLANK}*(?:{_OF}|{_NAME}{_BLANK}*)*{_NAME}{_NO}{_NUMBER}",
            # 4, place du Marché
            rf"(?<![\w./-]){_HOUSE}{_BLANK}?,?{_BLANK}*(?i:{_VAGUE}){_BLANK}+(?:{_OF})*{_NAME}(?:{_BLANK}(?:{_OF})*{_NAME})*",
        ),
        (
            "strasse|straße|str.|gasse|gässli|gässchen|weg|wäg|allee|steig|ufer|graben|rain|halde|matte|platz|ring|hof",
            # Bahnhofstrasse 12, Musterstr. 5a, Lindenweg 3, Alte Landstraße 4/2/7, Clara-Muster-Weg 3, LINDENGASSE 3
            rf"\b(?:{_WHICH}{_BLANK})?{_CAPITAL}[\w'’-]*(?:strasse|straße|str\.|gasse|gässli|gässchen|weg|wäg"
            rf"|allee|steig|ufer|graben|rain|halde|matte|platz|ring|hof"
            rf"|-(?:Strasse|Straße|Str\.|Gasse|Weg|Allee|Platz|Ring|Ufer)|STRASSE|STRAẞE|GASSE|WEG|ALLEE|PLATZ){_NO}{_NUMBER}",
            # Zürcher Strasse 12, Kärntner Ring 5, Langer Weg 3
            rf"\b{_CAPITAL}[\w'’-]+{_BLANK}(?:Strasse|Straße|Str\.|Gasse|Weg|Allee|Platz|Ring|Steig|Ufer){_NO}{_NUMBER}",
        ),
        (
            "an der|in der|auf der|hinter der|unter de|an den|am |im |zur |zum |beim ",
            # An der Aare 4, Im Feld 7, Zum Sternen 3
            rf"\b(?:An{_BLANK}der|In{_BLANK}der|Auf{_BLANK}der|Hinter{_BLANK}der|Unter{_BLANK}de[rn]|An{_BLANK}den|Am|Im"
            rf"|Zur|Zum|Beim){_BLANK}(?:{_CAPITAL}[\w'’-]*{_BLANK})?{_CAPITAL}[\w'’-]*{_NO}{_NUMBER}"
            rf"(?={_BLANK}*(?:$|[\n,;.)!?]|[-–]{_BLANK}|\d{{4,5}}\b|in\b))",
        ),
        (
            " street| st| road| rd| ave| lane| ln| drive| close| terrace| crescent| gardens",
            # 12 High Street, 3a Church Rd
            rf"(?<![\w./-]){_HOUSE},?{_BLANK}(?:{_CAPITAL}[\w'’-]*{_BLANK}){{1,3}}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln"
            r"|Drive|Close|Terrace|Crescent|Gardens)\b",
        ),
    )
)
#: Places that carry a number without being anybody's door.
_OTHER: Final = re.compile(
    r"(?:spiel|tennis|park|arbeits|sitz|steh|camping|lager|schul|turn|sport|fussball|studien)platz(?=[ \t,])"
    r"|[aeiou]ring(?=[ \t,])|(?:bahn|fried|pausen|schul|innen)hof(?=[ \t,])"
    r"|^(?:am|im)[ \t](?:jahr|alter|januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember"
    r"|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|team|raum|zimmer|stock|haus|saal|kapitel|artikel|schnitt"
    r"|durchschnitt|ganzen|sommer|winter|herbst|frühling|turnier|feld[ \t]von)\b"
    r"|^(?:heim|ausgangs|lehr|lebens|um|rück|hin|halbe)weg(?=[ \t,])",
    re.IGNORECASE,
)
#: A house number, and how far around it its street can stand: elsewhere nothing is looked for.
_FIGURE: Final = re.compile(r"(?<!\d)\d{1,3}(?!\d)")
_AROUND: Final = 100


def streets_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield where street addresses stand in a text, from–to, in order, never overlapping.

    >>> text = "Rendez-vous à la rue du Lac 7, 1005 Lausanne, dès 14 h."
    >>> [text[start:end] for start, end in streets_in(text)]
    ['rue du Lac 7']
    """
    reached = 0
    for start, end in _windows(text):
        for first, last in sorted(_found(text, start, end)):
            if first >= reached:
                reached = last
                yield first, last


def _found(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    lowered = text[start:end].lower()
    for words, pattern in _FAMILIES:
        if any(word in lowered for word in words):
            for match in pattern.finditer(text, start, end):
                if not _OTHER.search(match[0]):
                    yield match.span()


def _windows(text: str) -> Iterator[tuple[int, int]]:
    start, end = 0, -1
    for figure in _FIGURE.finditer(text):
        if figure.start() - _AROUND > end:
            if end >= 0:
                yield start, end
            start = max(0, figure.start() - _AROUND)
        end = figure.end() + _AROUND
    if end >= 0:
        yield start, end
