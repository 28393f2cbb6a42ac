"""Pure rules of objecting to one reader, one purpose or one holder: what it means for each record. It only narrows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from datacoop.rights.rules.answers import PUBLIC, Asked, Meaning, Meant


def against_readers(audiences: Sequence[str], asked: Sequence[Asked]) -> Meaning:
    """Return what it means that some audiences are shown nothing; what everybody may see, they may see as everybody."""
    words: list[Meant] = []
    for each in asked:
        for audience in audiences:
            words.append(Meant(each.id, audience, None, False))
            words += [
                Meant(each.id, audience, word.property, None)
                for word in each.standing
                if word.audience == audience and word.property is not None and word.shows
            ]
    return Meaning(tuple(words))


def serving(purpose: str, terms: Mapping[str, Mapping[str, object]], signed: Mapping[str, str]) -> list[str]:
    """Return the audiences that may use what they see for a purpose: those of the terms, and of what is signed there.

    `signed` is terms by agreement.

    >>> serving("agenda", {"a": {"purposes": ["agenda"]}, "b": {"purposes": ["directory"]}}, {"7": "a", "8": "b"})
    ['terms:a', 'agreement:7']
    """
    names = [name for name, document in terms.items() if purpose in _words(document.get("purposes"))]
    return [*(f"terms:{name}" for name in names), *(f"agreement:{uid}" for uid, of in signed.items() if of in names)]


def against_lists(said: Mapping[int, Collection[str]], asked: Sequence[Asked]) -> Meaning:
    """Return what it means that nothing of what some lists say is shown.

    `said` is, by record, the properties that the lists speak of and the subject does not: its own value stays. A word
    binds a property, so rivals of other lists are hidden with theirs until the subject shows them again.
    """
    words: list[Meant] = []
    for each in asked:
        for name in sorted(said.get(each.id, ())):
            words.append(Meant(each.id, PUBLIC, name, False))
            words += [
                Meant(each.id, word.audience, name, False)
                for word in each.standing
                if word.audience != PUBLIC and word.shows and word.property in {None, name}
            ]
    return Meaning(tuple(words))


def _words(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
