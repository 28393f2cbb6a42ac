"""What a payload may hold, and when a failed job runs again."""

import uuid
from datetime import timedelta

import pytest

from datacoop.jobs import rules


class TestCheckPayload:
    @pytest.mark.parametrize(
        "value",
        [1, -3, True, None, str(uuid.UUID(int=5)), "a" * 64, "terms:public", [1, 2], ["organisation"], []],
    )
    def test_lets_ids_and_codes_through(self, value: object) -> None:
        rules.check_payload({"key": value})

    @pytest.mark.parametrize(
        "value",
        [
            "anna@example.org",
            "Anna Exemple",
            "Anna",
            "+41215551234",
            "0215551234",
            "anna exemple",
            "élodie",
            "a" * 65,
            1.5,
            {"a": 1},
            [[1]],
            ["fine", "Not fine"],
            2**60,
        ],
    )
    def test_refuses_what_could_be_a_value_and_does_not_repeat_it(self, value: object) -> None:
        with pytest.raises(rules.UnfitPayload) as caught:
            rules.check_payload({"key": value})

        assert str(value) not in str(caught.value)

    def test_refuses_a_value_hidden_in_a_key(self) -> None:
        with pytest.raises(rules.UnfitPayload):
            rules.check_payload({"anna@example.org": 1})


class TestPauseAfter:
    def test_doubles_up_to_six_hours(self) -> None:
        pauses = [rules.pause_after(n) for n in range(1, 40)]

        assert pauses[:3] == [timedelta(seconds=15), timedelta(seconds=30), timedelta(seconds=60)]
        assert pauses == sorted(pauses)
        assert pauses[-1] == timedelta(hours=6)
