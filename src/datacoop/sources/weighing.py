"""How well each target fits a column: what its header says, weighed by its values, and what these say alone. Pure."""

from collections.abc import Mapping

from datacoop.kinds.definition import Kind
from datacoop.lib.text import fold
from datacoop.sources.evidence import Evidence
from datacoop.sources.headers import ID, NONE, PERSON, says_nothing, take_apart
from datacoop.sources.places import town_names
from datacoop.sources.readers.json import KEY_COLUMN
from datacoop.sources.suiting import suits
from datacoop.sources.targets import is_own_word, is_text, local_name


def scores_of(column: str, evidence: Evidence, said: Mapping[str, float], kind: Kind) -> dict[str, float]:
    """Score (0 to 1) of each target that header or values speak for; `said`: what the header's words weigh."""
    if column == KEY_COLUMN:
        return {ID: 0.99}
    language = take_apart(column).language
    scores: dict[str, float] = {}
    for target, word_score in said.items():
        local = local_name(target, kind)
        if local is None:
            continue
        if local.endswith(".postal_code") and evidence.share("postcode_city") >= 0.8:
            local = local.removesuffix("postal_code") + "city"  # "1005 Lausanne" is a town with its postcode
        score = suits(local.partition("~")[0], word_score, evidence, kind)
        if local.endswith("~weak"):
            local, score = local.removesuffix("~weak"), score * 0.72
        if language and is_text(local, kind):
            local = f"{local}.{language}"
        scores[local] = max(scores.get(local, 0.0), score)
    if PERSON in scores and is_own_word(column, kind):
        scores[PERSON] -= 0.03  # where people are what a kind is about, its own word for them wins
    for target, score in _from_values(column, evidence, said, kind).items():
        scores[target] = max(scores.get(target, 0.0), score)
    return scores


def _from_values(column: str, evidence: Evidence, said: Mapping[str, float], kind: Kind) -> dict[str, float]:
    """What the values say by themselves, where the header says nothing that is against it."""
    if evidence.count < 3 or said.get(NONE, 0) > 0.6 or said.get(PERSON, 0) > 0.6:
        return {}
    share = evidence.share
    found = {
        "email": 0.66 if share("email") >= 0.8 and evidence.mean_length < 80 else 0,
        "identifiers": 0.64 if share("identifier") >= 0.8 and evidence.distinct > 0.8 else 0,
        "point": 0.62 if share("pair") >= 0.9 and share("fraction") < 0.1 and share("phone") < 0.5 else 0,
        "addresses.city": 0.62 if share("postcode_city") >= 0.9 and evidence.mean_length < 40 else 0,
        PERSON: 0.7 if share("person") >= 0.7 and share("organisation") < 0.3 else 0,
    }
    if says_nothing(column):
        found |= _of_a_bare_column(evidence)
    named = {local_name(target, kind): score for target, score in found.items()}
    return {target: score for target, score in named.items() if target and score}


def _of_a_bare_column(evidence: Evidence) -> dict[str, float]:
    """Of a column without a name more is believed: there is nothing else to go by."""
    share = evidence.share
    towns = sum(1 for value in evidence.values if fold(value) in town_names()) / evidence.count
    city = max(0.62 if share("postcode_city") >= 0.9 and evidence.mean_length < 40 else 0, 0.61 if towns >= 0.7 else 0)
    named = share("organisation") >= 0.3 and share("word") >= 0.9 and evidence.distinct >= 0.8
    return {
        "phones": 0.62 if share("phone") >= 0.9 and evidence.mean_length >= 8 else 0,
        "website": 0.62 if share("url") >= 0.9 else 0,
        "addresses.street": 0.61 if share("street_line") >= 0.6 else 0,
        "addresses.city": city,
        "name": 0.61 if named and share("person") < 0.5 and 4 <= evidence.mean_length <= 80 else 0,
    }
