"""Anything in any order: who may represent the choir, and when, beside a naive model of who should."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from datacoop.accounts.codes import text_of
from datacoop.accounts.queries import list_representing
from datacoop.jobs.models import Job
from datacoop.rights.actions import claiming, granting, inviting, representing
from datacoop.rights.actions.claim_steps import ClaimRefused, Wanted, grant
from datacoop.rights.models.claims import Claim
from datacoop.rights.rules.claims import INVITATION, MAILBOX, REPRESENTATIVE, STEWARD
from tests.rights.claimants import account
from tests.rights.people import NOW, Village, settle

PEOPLE = ("ana", "ben", "cleo")
WEEK = timedelta(days=7)
people = st.sampled_from(PEOPLE)
scopes = st.sampled_from(("edit", "decide"))


@dataclass
class Asked:
    """A claim as the model knows it: nothing but what was done with it, and when."""

    who: str
    scope: str
    method: str
    made: datetime
    by: str = ""
    state: str = "open"
    shown: datetime | None = None
    given: frozenset[str] = field(default_factory=frozenset)
    granted: datetime | None = None
    #: The steward on whose word it waits, or waited.
    vouched: int = 0


class Claims(RuleBasedStateMachine):
    """The rules one would tell a secretary, and the house beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.may: dict[str, set[str]] = {each: set() for each in PEOPLE}
        self.asked: dict[int, Asked] = {}

    @initialize(represented=st.booleans())
    def begin(self, represented: bool) -> None:
        self.village: Village = settle()
        self.ids = {each: account(each) for each in PEOPLE}
        if represented:
            self._steward_gives("ana", "decide")

    def _steward_gives(self, who: str, scope: str) -> None:
        wanted = Wanted(self.village.choir, scope, STEWARD)
        number = granting.give_by_steward(
            account_id=self.ids[who], wanted=wanted, steward=999, reason="vu", now=self.now
        )
        granting.settle(claim_id=number, steward=998, granted=True, reason="vu", now=self.now)
        self.asked[number] = Asked(who, scope, STEWARD, self.now, vouched=999)
        self._let_in(self.asked[number])

    # --- what the model says

    def _let_in(self, asked: Asked) -> None:
        wished = {"edit", "decide"} if asked.scope == "decide" else {"edit"}
        asked.given = frozenset(wished - self.may[asked.who])
        self.may[asked.who] |= wished
        asked.state, asked.granted, asked.shown = "granted", self.now, asked.shown or self.now

    def _waits(self, asked: Asked) -> None:
        rivals = [e for e in self.asked.values() if e is not asked and e.state in ("waiting", "frozen")]
        asked.state = "waiting"
        for each in [*rivals, *([asked] if rivals else [])]:
            each.state = "frozen"

    def _running(self, who: str) -> bool:
        return any(each.who == who and each.state in ("open", "waiting", "frozen") for each in self.asked.values())

    def _is_open(self, asked: Asked) -> bool:
        days = {MAILBOX: 14, REPRESENTATIVE: 30, INVITATION: 30, STEWARD: 60}[asked.method]
        return asked.state == "open" and self.now < asked.made + timedelta(days=days)

    @contextmanager
    def _allowed(self, allowed: bool) -> Iterator[None]:
        """Whatever is done inside succeeds exactly where the model allows it."""
        try:
            yield
        except ClaimRefused:
            assert not allowed
        else:
            assert allowed

    def _one(self, data: Any) -> tuple[int, Asked]:
        return data.draw(st.sampled_from(sorted(self.asked.items(), key=lambda each: each[0])))  # type: ignore[no-any-return]

    # --- what people do

    @rule(who=people, scope=scopes, method=st.sampled_from((MAILBOX, REPRESENTATIVE, STEWARD)))
    def opens(self, who: str, scope: str, method: str) -> None:
        late = [
            each for each in self.asked.values() if each.who == who and each.state == "open" and not self._is_open(each)
        ]
        allowed = scope not in self.may[who] and (not self._running(who) or bool(late))
        wanted = Wanted(self.village.choir, scope, method)
        with self._allowed(allowed):
            number = claiming.open_claim(
                account_id=self.ids[who], wanted=wanted, possible=(MAILBOX, REPRESENTATIVE, STEWARD), now=self.now
            )
            for each in late:
                each.state = "expired"
            self.asked[number] = Asked(who, scope, method, self.now)

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), who=people, right=st.booleans())
    def types_a_code(self, data: Any, who: str, right: bool) -> None:
        self._types(*self._one(data), who, right=right)

    def _types(self, number: int, asked: Asked, who: str, *, right: bool) -> None:
        row = Claim.objects.get(pk=number)
        text = (text_of(row.code_id, now=self.now) if row.code_id else None) if right else "1"
        allowed = asked.who == who and asked.method == MAILBOX and self._is_open(asked)
        with self._allowed(allowed):
            shown = claiming.prove_by_code(claim_id=number, account_id=self.ids[who], text=text or "", now=self.now)
            assert shown == (text is not None and right)
            if shown:
                asked.shown = self.now
                self._waits(asked)

    @rule(who=people, scope=scopes)
    def opens_and_shows(self, who: str, scope: str) -> None:
        """What most do: ask by the mailbox, and type what came."""
        if scope in self.may[who] or self._running(who):
            return
        self.opens(who, scope, MAILBOX)
        self._types(max(self.asked), self.asked[max(self.asked)], who, right=True)

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), who=st.sampled_from((*PEOPLE, None)))
    def objects(self, data: Any, who: str | None) -> None:
        self._objects(*self._one(data), who)

    def _objects(self, number: int, asked: Asked, who: str | None) -> None:
        in_time = asked.state == "waiting" or self._is_open(asked)
        if asked.state == "granted":
            assert asked.granted is not None
            in_time = self.now < asked.granted + WEEK
        allowed = in_time and (who is None or (who != asked.who and bool(self.may[who])))
        with self._allowed(allowed):
            granting.object_to(claim_id=number, account_id=self.ids[who] if who else None, now=self.now)
            if asked.state == "granted":
                self.may[asked.who] -= asked.given
                for each in self.asked.values():
                    if each.who == asked.who and each.state in ("open", "waiting", "frozen"):
                        asked.scope = "decide" if "decide" in (asked.scope, each.scope) else "edit"
                        each.state = "withdrawn"
            asked.state = "frozen"

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), who=people)
    def agrees(self, data: Any, who: str) -> None:
        self._agrees(*self._one(data), who)

    def _agrees(self, number: int, asked: Asked, who: str) -> None:
        allowed = "decide" in self.may[who] and asked.method != INVITATION
        allowed = allowed and (asked.state == "waiting" or self._is_open(asked))
        with self._allowed(allowed):
            granting.agree(claim_id=number, account_id=self.ids[who], now=self.now)
            self._let_in(asked)

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), granted=st.booleans(), steward=st.sampled_from((998, 999)))
    def a_steward_settles(self, data: Any, granted: bool, steward: int) -> None:
        self._settles(*self._one(data), granted, steward)

    def _settles(self, number: int, asked: Asked, granted: bool, steward: int) -> None:
        runs = asked.state in ("open", "waiting", "frozen")
        allowed = runs and (asked.method != INVITATION or asked.state == "frozen")
        is_shown = asked.shown is not None
        with self._allowed(allowed and not (granted and is_shown and asked.vouched == steward)):
            granting.settle(claim_id=number, steward=steward, granted=granted, reason="vu", now=self.now)
            if not granted:
                asked.state = "refused"
            elif is_shown:
                self._let_in(asked)
            else:
                asked.vouched, asked.shown = steward, self.now
                if asked.state == "open":
                    self._waits(asked)

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), who=people)
    def withdraws(self, data: Any, who: str) -> None:
        number, asked = self._one(data)
        with self._allowed(asked.who == who and asked.state in ("open", "waiting", "frozen")):
            claiming.withdraw(claim_id=number, account_id=self.ids[who], now=self.now)
            asked.state = "withdrawn"

    @rule(by=people, who=people, scope=scopes, hands_over=st.booleans())
    def invites(self, by: str, who: str, scope: str, hands_over: bool) -> None:
        mine = [e for e in self.asked.values() if e.who == who and e.state in ("open", "waiting", "frozen")]
        free = all(each.state == "open" and each.method != INVITATION for each in mine)
        allowed = "decide" in self.may[by] and by != who and scope not in self.may[who] and free
        wanted = Wanted(self.village.choir, scope, INVITATION)
        with self._allowed(allowed):
            number = inviting.make_invitation(
                by=self.ids[by], account_id=self.ids[who], wanted=wanted, hands_over=hands_over, now=self.now
            )
            for each in mine:
                each.state = "withdrawn"
            self.asked[number] = Asked(who, scope, INVITATION, self.now, by=f"{by}{'!' * hands_over}")

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), who=people)
    def takes_up(self, data: Any, who: str) -> None:
        self._takes_up(*self._one(data), who)

    def _takes_up(self, number: int, asked: Asked, who: str) -> None:
        by = asked.by.rstrip("!")
        allowed = asked.who == who and asked.method == INVITATION and self._is_open(asked) and "decide" in self.may[by]
        with self._allowed(allowed):
            inviting.take_up(claim_id=number, account_id=self.ids[who], now=self.now)
            self._let_in(asked)
            if asked.by.endswith("!"):
                self.may[by] = set()

    @rule(who=people)
    def leaves(self, who: str) -> None:
        with self._allowed(bool(self.may[who])):
            representing.leave(account_id=self.ids[who], subject_uid=self.village.choir, now=self.now)
            self.may[who] = set()

    @rule(hours=st.sampled_from((1, 24, 24 * 7, 24 * 31)), runs=st.booleans())
    def time_passes(self, hours: int, runs: bool) -> None:
        """The job runs or does not: without it nobody is let in, with it those who waited."""
        self.now += timedelta(hours=hours)
        if not runs:
            return
        granting.grant_due(now=self.now)
        for asked in self.asked.values():
            if asked.state == "waiting" and asked.shown is not None and self.now >= asked.shown + WEEK:
                self._let_in(asked)
            elif asked.state == "open" and not self._is_open(asked):
                asked.state = "expired"

    @invariant()
    def may_represent_exactly_whom_the_model_lets(self) -> None:
        if not hasattr(self, "village"):
            return
        Job.objects.filter(every_seconds=None).delete()
        found = {each.account_id: set(each.scopes) for each in list_representing([self.village.choir], now=self.now)}
        assert found == {self.ids[who]: held for who, held in self.may.items() if held}
        states = dict(Claim.objects.values_list("pk", "state"))
        assert states == {number: asked.state for number, asked in self.asked.items()}


def play(clean: Callable[[], None]) -> None:
    class Played(Claims):
        def teardown(self) -> None:
            clean()

    run_state_machine_as_test(Played, settings=settings(max_examples=25, stateful_step_count=25))


@pytest.mark.django_db(transaction=True)
def test_nobody_represents_who_should_not_whatever_is_done_in_any_order(clean_database: Callable[[], None]) -> None:
    play(clean_database)


def last(play: Claims) -> tuple[int, Asked]:
    return max(play.asked.items())


def early(play: Claims) -> None:
    play.opens_and_shows("ben", "edit")
    play.time_passes(1, runs=True)


def rivals(play: Claims) -> None:
    play.opens_and_shows("ben", "edit")
    play.opens_and_shows("cleo", "edit")


def a_stranger_agrees(play: Claims) -> None:
    play.opens("ben", "edit", REPRESENTATIVE)
    play._agrees(*last(play), "cleo")


def a_guess(play: Claims) -> None:
    play.opens("ben", "edit", MAILBOX)
    play._types(*last(play), "ben", right=False)


def agreed_then_objected(play: Claims) -> None:
    play.opens("ben", "edit", REPRESENTATIVE)
    play._agrees(*last(play), "ana")
    play._objects(*last(play), "ana")


def one_steward_twice(play: Claims) -> None:
    play.opens("ben", "edit", STEWARD)
    play._settles(*last(play), True, 999)
    play._settles(*last(play), True, 999)


def invited_by_one_who_left(play: Claims) -> None:
    play.invites("ana", "ben", "edit", hands_over=False)
    play.leaves("ana")
    play._takes_up(*last(play), "ben")


def vouched_at_once(row: Claim, steward: int, now: datetime) -> None:
    """A steward's word as it must not count."""
    row.proven_at = now
    grant(row, now, by=f"steward:{steward}")


#: What happens, which protection it meets, and what stands in its place when it is off.
STORIES: dict[Callable[[Claims], None], tuple[str, object]] = {
    early: ("datacoop.rights.rules.claims.TIME_TO_OBJECT", timedelta(0)),
    rivals: ("datacoop.rights.actions.claim_steps.freeze", lambda *_: None),
    a_stranger_agrees: ("datacoop.rights.actions.granting.need_decider", lambda *_: frozenset()),
    a_guess: ("datacoop.rights.actions.claiming.redeem_code", lambda **_: True),
    agreed_then_objected: ("datacoop.rights.actions.granting.end_given", lambda *_: None),
    one_steward_twice: ("datacoop.rights.actions.granting._vouch", vouched_at_once),
    invited_by_one_who_left: ("datacoop.rights.actions.inviting._stands", lambda *_: True),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("protected", [True, False])
def test_model_tells_a_house_without_a_protection_apart(
    story: Callable[[Claims], None], protected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = Claims()
    play.begin(represented=True)

    def tell() -> None:
        story(play)
        play.may_represent_exactly_whom_the_model_lets()

    if protected:
        tell()
        return
    monkeypatch.setattr(*STORIES[story])
    with pytest.raises(AssertionError):
        tell()
