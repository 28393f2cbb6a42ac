"""Which e-mail, phone or address reaches a person rather than an office. Pure rules; in doubt, a person.

Reasons: `carries-person-name`, `beside-person`, `care-of`, `informal-group`; that several organisations share a
contact is seen only later, over all lists.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from datacoop.lib.text import plain, plain_words
from datacoop.sources.evidence import given_names, looks_like_person, looks_like_street

CARRIES_NAME: Final = "carries-person-name"
BESIDE_PERSON: Final = "beside-person"
CARE_OF: Final = "care-of"
INFORMAL: Final = "informal-group"

_FREE_MAIL: Final = frozenset(
    re.findall(
        r"\S+",
        "gmail.com googlemail.com bluewin.ch hotmail.com hotmail.fr hotmail.ch outlook.com outlook.fr yahoo.com "
        "yahoo.fr yahoo.de gmx.ch gmx.net gmx.de gmx.at sunrise.ch icloud.com me.com protonmail.com proton.me "
        "protonmail.ch pm.me wanadoo.fr orange.fr free.fr laposte.net sfr.fr live.com live.fr netplus.ch romandie.com "
        "vtxnet.ch hispeed.ch swissonline.ch bluemail.ch citycable.ch tiscali.it libero.it aol.com web.de msn.com "
        "sbcglobal.net neuf.fr aon.at chello.at",
    )
)
_OFFICE: Final = frozenset(
    re.findall(
        r"\w+",
        "info infos information informations contact contacts kontakt contatto contatti secretariat sekretariat "
        "segreteria secretaire secretary office buero buro bureau accueil reception empfang hello hallo bonjour ciao "
        "salut mail email e post poste courrier presidence president presidente praesident prasident praesidium "
        "prasidium vicepresident vorstand comite committee comitato board direction direktion direzione directeur "
        "director admin administration verwaltung amministrazione comptabilite caissier kassier tresorier treasurer "
        "finances finanzen buchhaltung membres mitglieder membre member members membership communication medien media "
        "medias presse press marketing webmaster web site internet support help aide hilfe service services shop "
        "boutique vente verkauf sales bestellung order reservation reservations booking inscription inscriptions "
        "anmeldung events event evenement veranstaltung agenda cours kurse courses formation ausbildung jugend "
        "jeunesse junioren juniors ecole school schule club verein association asso fondation stiftung foundation "
        "federation verband ligue societe gesellschaft group groupe gruppe centre center zentrum centro maison haus "
        "casa mairie commune gemeinde comune ville stadt paroisse pfarrei pfarramt kirche eglise parrocchia musee "
        "museum bibliotheque bibliothek biblioteca mediatheque ludotheque theatre theater cinema kino choeur chor "
        "chorale coro musique musik musica orchestre fanfare sport football tennis judo gym atelier work "
        "fragen frage questions question praxis therapie team equipe benevoles benevolat volunteers freiwillige "
        "don dons spenden donate social sozial spitex garderie creche kita ferme jardin garten cafe restaurant hotel "
        "location logement gerance immo coordination coordinateur projet projets project region cantonal romandie "
        "suisse schweiz swiss svizzera geneve lausanne vaud france cyberbase fablab ccas cias mjc referrals "
        "reseau netz rete bibliotheques numerique pole multimedia animation animations famille familles solidarite "
        "sociale actionsociale coworking biblio culture cultura kultur conseil emploi insertion maternelle primaire "
        "college lycee region ville mission locale antenne espace residence logements habitat coop cooperative "
        "genossenschaft hausverwaltung sekr geschaeftsstelle geschaftsstelle leitung pfadi scout scouts fanfara "
        "intake general enquiries inquiries hr rh jobs emploi noreply",
    )
)
_INSTITUTION: Final = frozenset(
    re.findall(
        r"\w+",
        "saint sainte san santa sankt st ste ecole school schule paroisse pfarrei college lycee mairie commune "
        "gemeinde maison centre center zentrum casa fondation stiftung foundation eglise kirche hopital spital musee "
        "espace bibliotheque mediatheque services service france ville club association asso verein gymnase creche",
    )
)
_ROLES: Final = frozenset(
    re.findall(
        r"\w+",
        "secretaire secretary president presidente praesident prasident vicepresident directeur director caissier "
        "kassier tresorier treasurer membre member coordinateur",
    )
)
_INSTITUTION_STARTS: Final = tuple(sorted(word for word in _INSTITUTION if len(word) >= 5))
_OFFICE_ENDS: Final = tuple(sorted(word for word in _OFFICE if len(word) >= 5))
_LETTERS: Final = re.compile(r"[a-z]+")
_CARE_OF: Final = re.compile(
    r"(?:\bc/\s?o\b|\bp\.\s?a\.|\bp/a\b|\bchez\b|\bz\.\s?hd?\.|\bzhd\b|\bbei\b|\bpresso\b|\baux bons soins\b)"
    r"[:.]?\s*(.*)",
    re.IGNORECASE,
)
_TITLE: Final = re.compile(r"^(?:m\.|mr\.?|mme|mlle|monsieur|madame|herr|frau|sig\.?(?:ra)?|dr\.?)\s+\w", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _domain_words(domain: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]{2,}", plain(domain.rpartition(".")[0])))


@lru_cache(maxsize=4096)
def _names_of(cell: str) -> frozenset[str]:
    if "@" in cell:
        return frozenset()
    return frozenset(word for word in plain_words(cell) if word.isalpha() and len(word) >= 3)


def names_in(cells: Iterable[str]) -> frozenset[str]:
    """Words of the persons a row names, of three letters or more."""
    return frozenset().union(*map(_names_of, cells))


@lru_cache(maxsize=16_384)
def _is_office(token: str) -> bool:
    return token in _OFFICE or token.startswith(_INSTITUTION_STARTS)


@lru_cache(maxsize=16_384)
def _has_office_at_an_end(token: str) -> bool:
    return token.startswith(_OFFICE_ENDS) or token.endswith(_OFFICE_ENDS)


def email_reason(email: str, name: str, city: str, persons: frozenset[str]) -> str | None:
    """Why a mailbox counts as a person's, None if an office reads it."""
    local, _, domain = plain(email).rpartition("@")
    tokens, is_persons = _mailbox(local)
    if persons and any(token in persons or _holds_a_name(token, persons) for token in tokens):
        return CARRIES_NAME
    if is_persons is None:
        is_persons = not _is_the_organisation(tokens, domain, f"{name} {city}")
    return CARRIES_NAME if is_persons else None


@lru_cache(maxsize=16_384)
def _mailbox(local: str) -> tuple[tuple[str, ...], bool | None]:
    """The words of what stands before the @, and whether they name a person; None where they do not tell."""
    tokens = tuple(_LETTERS.findall(local))
    if any(token in given_names() and len(token) > 2 for token in tokens):
        return tokens, not any(token in _INSTITUTION for token in tokens)
    office = [token for token in tokens if _is_office(token)]
    others = any(len(token) > 2 and token not in office for token in tokens)
    return tokens, None if not office or (others and all(token in _ROLES for token in office)) else False


def _holds_a_name(token: str, persons: frozenset[str]) -> bool:
    """ssaubion, smartin: initial and family name glued."""
    return any(len(person) >= 4 and (token.endswith(person) or token.startswith(person)) for person in persons)


def _is_the_organisation(tokens: Sequence[str], domain: str, about: str) -> bool:
    """Whether the mailbox is named after the organisation, its town or its domain."""
    if not tokens:
        return domain not in _FREE_MAIL
    words = plain_words(about)
    own, glued, acronym = set(words), "".join(words), "".join([word[0] for word in words])
    domain_words = frozenset() if domain in _FREE_MAIL else _domain_words(domain)
    for token in tokens:
        if len(token) <= 2 and len(tokens) > 1:
            if len(token) == 1:
                return False  # p.nom
            continue
        known = (
            token in own
            or token in domain_words
            or any(token in word or word in token for word in domain_words if len(word) >= 4 and len(token) >= 3)
            or (len(token) >= 4 and (token in glued or any(word in token for word in own if len(word) >= 4)))
            or (len(token) >= 2 and token in acronym)
            or _has_office_at_an_end(token)
        )
        if not known:
            return False
    return True


def phone_reason(mobile: bool, named: bool, next_to_person: bool) -> str | None:
    """A mobile in a row that names a person, and any number beside a person, may be theirs."""
    return BESIDE_PERSON if (mobile and named) or next_to_person else None


def address_reason(address: dict[str, str], persons: frozenset[str], next_to_person: bool) -> str | None:
    """Why an address counts as somebody's home, None if it is the organisation's."""
    for line in (address.get("street", ""), address.get("extra", "")):
        if not line:
            continue
        match = _CARE_OF.search(line)
        if match and not any(word in _INSTITUTION or word in _OFFICE for word in plain_words(match[1])[:3]):
            return CARE_OF
        for part in line.split(","):
            if _TITLE.match(part.strip()) or (looks_like_person(part) and not looks_like_street(part)):
                return CARRIES_NAME
    if next_to_person:
        return BESIDE_PERSON
    named = len(persons) >= 2 and len(persons.intersection(plain_words(address.get("extra", "")))) >= 2
    return CARRIES_NAME if named else None
