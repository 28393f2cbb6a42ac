"""Learning from what people judged: how many it takes, what is taken, and that the model is used."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from datacoop.cli.commands.link import command
from datacoop.linking.actions import judge
from datacoop.linking.learning.training import Plan
from datacoop.linking.retraining import TooFewJudgements, retrain
from datacoop.linking.rules.scoring import scorer
from datacoop.linking.rules.trained import file_of, use_own
from tests.linking.lists import Listing, now, organisation

pytestmark = pytest.mark.django_db(transaction=True)
SMALL = Plan(((300, 1),), (300, 2), (300, 3))


@pytest.fixture(autouse=True)
def own_models(tmp_path: Path) -> object:
    use_own(tmp_path)
    yield
    use_own(None)


def judged(**verdicts: str) -> None:
    """Pairs of two lists, one for each name, each with what was said of it."""
    town, league = Listing("Town"), Listing("League")
    town.pour({name: organisation(name) for name in verdicts})
    league.pour({name: organisation(f"{name} und {name}") for name in verdicts})
    for name, verdict in verdicts.items():
        judge(first=town.uid(name), second=league.uid(name), verdict=verdict, actor="steward:1", now=now())


def test_refuses_to_learn_from_few() -> None:
    judged(Ruche="same", Boussole="different")

    done = CliRunner().invoke(command, ["train"], standalone_mode=False)

    assert "2 pairs were judged so far; from 200 on" in str(done.exception)


def test_learns_from_standing_judgements_but_unsure_ones_and_uses_the_model(tmp_path: Path) -> None:
    judged(Ruche="same", Boussole="different", Pivoine="part_of", Tandem="unsure")
    shipped = scorer()

    report = retrain(tmp_path, plan=SMALL, least=3)

    assert report["reviewed"] == 3
    assert file_of("organisation").parent == tmp_path
    assert scorer() is not shipped
    assert scorer().review == shipped.review


def test_a_judgement_taken_back_teaches_nothing(tmp_path: Path) -> None:
    judged(Ruche="same")
    from datacoop.linking.models import Judgement  # noqa: PLC0415

    Judgement.objects.update(reversed_at=now())

    with pytest.raises(TooFewJudgements, match=r"^0 pairs"):
        retrain(tmp_path, plan=SMALL, least=1)


def test_what_was_reviewed_outweighs_what_was_invented(tmp_path: Path) -> None:
    from datacoop.linking.learning.training import Reviewed, invented, train  # noqa: PLC0415
    from datacoop.linking.rules.scoring import Scorer  # noqa: PLC0415

    corpus = invented(300, 1)
    matrix = corpus.matrix()
    wrongly = Reviewed(matrix[corpus.labels], ~corpus.labels[corpus.labels])

    taught, untaught = (Scorer(train([corpus], said), 0, 0, 0).weights(matrix) for said in (wrongly, None))

    assert taught[corpus.labels].mean() < 0 < untaught[corpus.labels].mean()
