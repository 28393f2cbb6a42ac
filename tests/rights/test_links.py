"""Links and letter codes: found by digest alone, for as long as they open, and not by a near miss."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from datacoop.rights.codes import ALPHABET, LENGTH, code_of, grouped, read_code
from datacoop.rights.links import (
    LETTER,
    LIFETIMES,
    MAIL,
    Wanted,
    code_for,
    end_links,
    find_code,
    find_link,
    forget_links,
    list_links,
    make_links,
    sweep,
    token_of,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
codes = st.binary(min_size=7, max_size=7).map(code_of)


class TestCodes:
    @given(codes)
    def test_is_read_as_printed_and_as_people_type(self, code):
        assert read_code(grouped(code)) == code
        assert read_code(f" {grouped(code).lower().replace('-', ' ')} ") == code
        assert read_code(code.replace("1", "l").replace("0", "O")) == code

    @given(codes, st.integers(0, LENGTH), st.sampled_from(ALPHABET))
    def test_one_wrong_character_is_noticed(self, code, place, sign):
        wrong = code[:place] + sign + code[place + 1 :]
        assert (read_code(wrong) is None) == (sign != code[place])

    @given(codes, st.integers(0, LENGTH - 1))
    def test_two_that_changed_places_are_noticed(self, code, place):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        assert (read_code(swapped) is None) == (swapped != code)

    @given(st.text(max_size=30))
    def test_nothing_typed_breaks_it(self, text):
        found = read_code(text)
        assert found is None or len(found) == LENGTH + 1


@pytest.mark.django_db
class TestLinks:
    def test_a_link_opens_its_subject_by_token_and_by_code(self):
        subject = uuid.uuid4()
        (number,) = make_links([Wanted(subject, LETTER, 7)], now=NOW)

        by_token, by_code = find_link(token_of(number), now=NOW), find_code(code_for(number), now=NOW)

        assert by_token is not None
        assert by_code is not None
        assert (by_token.subject_uid, by_token.notice_id, by_token.by_code) == (subject, 7, False)
        assert (by_code.subject_uid, by_code.channel, by_code.by_code) == (subject, LETTER, True)
        assert len(token_of(number)) == 43

    def test_nothing_in_the_table_opens_it(self):
        (number,) = make_links([Wanted(uuid.uuid4(), MAIL)], now=NOW)
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM rights_link")
            stored = [str(value) for value in cursor.fetchone()]

        assert token_of(number) not in "".join(stored)
        assert all(find_link(value, now=NOW) is None and find_code(value, now=NOW) is None for value in stored)

    def test_expired_ended_and_unknown_are_the_same(self):
        expired, ended = make_links([Wanted(uuid.uuid4(), MAIL, 1), Wanted(uuid.uuid4(), MAIL, 2)], now=NOW)
        tokens = [token_of(expired), token_of(ended), "x" * 43, "", "é\udc80"]
        assert end_links(notice_id=2, now=NOW) == 1
        later = NOW + LIFETIMES[MAIL]

        assert [find_link(token, now=later) for token in tokens] == [None] * len(tokens)
        assert find_link(token_of(expired), now=later - timedelta(seconds=1)) is not None
        assert find_link(token_of(ended), now=NOW) is None

    def test_each_way_of_failing_costs_the_same_one_query(self, django_assert_num_queries):
        (number,) = make_links([Wanted(uuid.uuid4(), LETTER)], now=NOW)
        token, code = token_of(number), code_for(number)
        for given_token in (token, "x" * 43, "", "x" * 5000):
            with django_assert_num_queries(1):
                find_link(given_token, now=NOW)
        for given_code in (code, "ABCD-EFGH-JKM", "", "not a code"):
            with django_assert_num_queries(1):
                find_code(given_code, now=NOW)

    def test_another_secret_key_opens_nothing(self, settings):
        (number,) = make_links([Wanted(uuid.uuid4(), MAIL)], now=NOW)
        token = token_of(number)
        settings.SECRET_KEY = "another key altogether"

        assert find_link(token, now=NOW) is None

    def test_links_end_by_subject_and_are_forgotten_with_it(self):
        subject, other = uuid.uuid4(), uuid.uuid4()
        first, second = make_links([Wanted(subject, MAIL, 1), Wanted(other, MAIL, 1)], now=NOW)
        with pytest.raises(ValueError, match="Say whose"):
            end_links(now=NOW)
        token = token_of(first)
        end_links(subject_uid=subject, now=NOW)

        assert find_link(token, now=NOW) is None
        assert [each.id for each in list_links(notice_id=1, now=NOW)] == [second]
        assert forget_links(subject_uids=[subject]) == 1
        assert sweep(now=NOW + LIFETIMES[MAIL] + timedelta(days=31)) == 1
