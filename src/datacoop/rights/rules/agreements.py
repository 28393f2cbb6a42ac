"""What a contribution agreement must say beside its text: a basis for each group of columns, and the exit. Pure."""

from __future__ import annotations

from collections.abc import Mapping

#: Groups of columns, in the order of the form.
IDENTITY, DESCRIPTION, CONTACTS, PERSONS = GROUPS = ("identity", "description", "contacts", "persons")
#: On what footing a holder hands a group over: a law or public register, its members' own wish or publication, consent
#: of whoever is named, an overriding interest (LPD 31; GDPR 6(1)), or not at all.
BASES = ("law", "published", "consent", "interest", "none")
#: What becomes of its lists when a holder leaves.
WITHDRAW, KEEP = LEAVING = ("withdraw", "keep")
LONGEST_SIGNATORY = 200


def problem_of(bases: Mapping[str, str], leaves: str, signatory: str) -> str:
    """Return a code for what is wrong, empty where nothing is.

    >>> problem_of(dict.fromkeys(GROUPS, "law"), "keep", "Ana Muster, secretary")
    ''
    >>> problem_of({"identity": "law"}, "keep", "Ana Muster")
    'bases'
    """
    if set(bases) != set(GROUPS) or not set(bases.values()) <= set(BASES) or bases[IDENTITY] == "none":
        return "bases"
    if leaves not in LEAVING:
        return "leaves"
    return "" if 2 <= len(signatory.strip()) <= LONGEST_SIGNATORY else "signatory"
