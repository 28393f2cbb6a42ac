"""iCalendar files: every event a row or refused with its line and the reason. Everybody and everything is invented."""

import time
from pathlib import Path

import pytest

from datacoop.kinds.definition import kind
from datacoop.kinds.values import fault
from datacoop.sources.mapping import as_data, propose
from datacoop.sources.readers.reading import ListRefused, format_of, read
from datacoop.sources.rows import MappedRow, RowReader

ACTIVITY = kind("activity")
START = "DTSTART;TZID=Europe/Zurich:20261201T193000"


def calendar(*events: str, head: str = "") -> str:
    inside = "\n".join(f"BEGIN:VEVENT\nUID:{n}\n{each}\nEND:VEVENT" for n, each in enumerate(events, start=1))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Exemple//FR\n{head}{inside}\nEND:VCALENDAR\n"


def taken(folder: Path, text: str | bytes, name: str = "agenda.ics") -> tuple[list[MappedRow], list[str]]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode())
    table = read(path)
    rows = list(table.rows)
    reader = RowReader(as_data(propose(table.columns, rows, ACTIVITY)), ACTIVITY)
    return [reader.read(row) for row in rows], table.notes


def said(folder: Path, event: str, **more: str) -> dict[str, object]:
    """What the first event says, and that nothing of it is at fault."""
    rows, _notes = taken(folder, calendar(event, **more))
    assert rows[0].problems == []
    assert all(fault(ACTIVITY.property(v.property).type, v.value, tuple(ACTIVITY.property(v.property).values)) is None
               for v in rows[0].values)  # fmt: skip
    found: dict[str, object] = {}
    for each in rows[0].values:
        found[each.property] = [*found.get(each.property, []), each.value] if (  # type: ignore[misc]
            ACTIVITY.property(each.property).many) else each.value  # fmt: skip
    return found


def refusal(folder: Path, *events: str, head: str = "") -> tuple[int, str, str]:
    """Row, code and sentence of the one refusal."""
    rows, _notes = taken(folder, calendar(*events, head=head))
    (problem,) = [each for row in rows for each in row.problems]
    assert any(row.rejected for row in rows)
    return problem.row, problem.code, problem.message


def test_an_event_needs_no_mapping(tmp_path: Path) -> None:
    event = (
        f"SUMMARY:Concert\\, d’été\n{START}\nDTEND;TZID=Europe/Zurich:20261201T210000\nSTATUS:TENTATIVE\n"
        "LOCATION:Salle des Tilleuls\nGEO:46.528100;6.619700\nCATEGORIES:Chœur,Sport\nURL:https://c.example.org/a\n"
        "DESCRIPTION:<p>Chanter<br>ensemble</p>\nLAST-MODIFIED:20261101T000000Z\nCONFERENCE:https://v.example.org/x"
    )

    assert said(tmp_path, event) == {
        "title": "Concert, d’été", "description": "Chanter\nensemble", "start": "2026-12-01T19:30:00+01:00",
        "end": "2026-12-01T21:00:00+01:00", "tz": "Europe/Zurich", "status": "tentative", "place": "Salle des Tilleuls",
        "point": {"lat": 46.5281, "lon": 6.6197, "precision": "locality"}, "theme": ["culture/chant", "sport"],
        "website": "https://c.example.org/a", "online_url": "https://v.example.org/x",
    }  # fmt: skip


def test_the_uid_is_the_key_and_the_line_the_number(tmp_path: Path) -> None:
    rows, _ = taken(tmp_path, calendar(f"SUMMARY:A\n{START}", f"SUMMARY:B\n{START}"))
    path = tmp_path / "agenda.ics"

    assert [row.key for row in rows] == ["1", "2"]
    assert [row.number for row in read(path).rows] == [4, 9]


def test_is_found_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_bytes(b"\xef\xbb\xbf\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR")
    assert format_of(path) == "calendar"


def test_people_are_never_read(tmp_path: Path) -> None:
    people = (
        "ORGANIZER;CN=Nora Exemple:mailto:nora@example.org\nATTENDEE;CN=Ali Muster;ROLE=CHAIR:mailto:ali@example.org\n"
        "CONTACT:Rita Esempio\\, +41 21 555 12 99\nX-OWNER;CN=Nora Exemple:x"
    )
    path = tmp_path / "agenda.ics"

    rows, notes = taken(tmp_path, calendar(f"SUMMARY:Jeu\n{START}\n{people}"))

    everything = repr((rows, notes, list(read(path).rows)))
    assert not [word for word in ("Nora", "Ali", "Rita", "555", "mailto", "nora@") if word in everything]


@pytest.mark.parametrize(
    ("lines", "head", "start", "end", "tz"),
    [
        # All day: the end is the day after.
        ("DTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261203", "", "2026-12-01", "2026-12-03", None),
        ("DTSTART;VALUE=DATE:20261201\nDURATION:P2D", "", "2026-12-01", "2026-12-03", None),
        ("DTSTART;VALUE=DATE:20261201", "", "2026-12-01", None, None),
        # In UTC, once: no zone is said; floating: that of the setting.
        ("DTSTART:20261201T183000Z", "", "2026-12-01T19:30:00+01:00", None, None),
        ("DTSTART:20260701T193000\nDURATION:PT1H30M", "", "2026-07-01T19:30:00+02:00", "2026-07-01T21:00:00+02:00",
         None),
        # The calendar's own zone.
        ("DTSTART:20261201T193000", "X-WR-TIMEZONE:Europe/London\n", "2026-12-01T19:30:00+00:00", None,
         "Europe/London"),
        ("DTSTART:20261201T183000Z", "X-WR-TIMEZONE:America/New_York\n", "2026-12-01T13:30:00-05:00", None,
         "America/New_York"),
        # Names of Windows, and with a program's path before them.
        ("DTSTART;TZID=W. Europe Standard Time:20261201T193000", "", "2026-12-01T19:30:00+01:00", None,
         "Europe/Berlin"),
        ("DTSTART;TZID=/citadel.org/20190914_1/Europe/Zurich:20261201T193000", "", "2026-12-01T19:30:00+01:00", None,
         "Europe/Zurich"),
        # Beginning and end in two zones.
        (f"{START}\nDTEND;TZID=Europe/London:20261201T210000", "", "2026-12-01T19:30:00+01:00",
         "2026-12-01T22:00:00+01:00", "Europe/Zurich"),
        # A day that lasts 25 hours, and 24 hours that end an hour earlier.
        ("DTSTART;TZID=Europe/Zurich:20261024T193000\nDURATION:P1D", "", "2026-10-24T19:30:00+02:00",
         "2026-10-25T19:30:00+01:00", "Europe/Zurich"),
        ("DTSTART;TZID=Europe/Zurich:20261024T193000\nDURATION:PT24H", "", "2026-10-24T19:30:00+02:00",
         "2026-10-25T18:30:00+01:00", "Europe/Zurich"),
        # The hour that clocks leave out.
        ("DTSTART;TZID=Europe/Zurich:20260329T023000", "", "2026-03-29T03:30:00+02:00", None, "Europe/Zurich"),
        # A zone that only the calendar knows.
        ("DTSTART;TZID=Own:20261201T193000", "BEGIN:VTIMEZONE\nTZID:Own\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
         "TZOFFSETFROM:+1100\nTZOFFSETTO:+1100\nEND:STANDARD\nEND:VTIMEZONE\n", "2026-12-01T09:30:00+01:00", None,
         None),
    ],
)  # fmt: skip
def test_reads_moments(tmp_path: Path, lines: str, head: str, start: str, end: str | None, tz: str | None) -> None:
    found = said(tmp_path, f"SUMMARY:A\n{lines}", head=head)

    assert (found["start"], found.get("end"), found.get("tz")) == (start, end, tz)


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("RRULE:FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270601T000000Z",
         {"rrule": "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270601T000000Z"}),
        ("RRULE:FREQ=WEEKLY\nRRULE:FREQ=WEEKLY", {"rrule": "FREQ=WEEKLY"}),
        ("RRULE:", None),
        ("RRULE:FREQ=WEEKLY\nEXDATE;TZID=Europe/London:20261208T183000\nEXDATE:20261215T183000Z,20261222T183000Z",
         {"rrule": "FREQ=WEEKLY", "exdates": ["2026-12-08T19:30:00", "2026-12-15T19:30:00", "2026-12-22T19:30:00"]}),
        ("RRULE:FREQ=WEEKLY\nEXDATE;VALUE=DATE:20261208", {"rrule": "FREQ=WEEKLY", "exdates": ["2026-12-08T19:30:00"]}),
        ("RDATE:20261203T183000Z\nRDATE;TZID=Europe/Zurich:20261202T200000",
         {"rdates": ["2026-12-02T20:00:00", "2026-12-03T19:30:00"]}),
        ("RDATE;VALUE=PERIOD:20261203T183000Z/PT3H",
         {"rdates": ["2026-12-03T19:30:00"],
          "overrides": [{"recurrence_id": "2026-12-03T19:30:00", "end": "2026-12-03T22:30:00"}]}),
    ],
)  # fmt: skip
def test_reads_recurrences(tmp_path: Path, lines: str, wanted: object) -> None:
    assert said(tmp_path, f"SUMMARY:A\n{START}\n{lines}").get("recurrence") == wanted


def test_a_recurrence_in_utc_stays_in_utc(tmp_path: Path) -> None:
    found = said(tmp_path, "SUMMARY:A\nDTSTART:20261201T183000Z\nRRULE:FREQ=WEEKLY")
    assert (found["start"], found["tz"]) == ("2026-12-01T18:30:00+00:00", "UTC")


class TestSingleDates:
    WEEKLY = f"SUMMARY:Chœur\n{START}\nDTEND;TZID=Europe/Zurich:20261201T210000\nRRULE:FREQ=WEEKLY"

    def overrides(self, folder: Path, *single: str) -> tuple[object, list[str]]:
        text = calendar(self.WEEKLY, *single).replace("UID:2", "UID:1").replace("UID:3", "UID:1")
        rows, notes = taken(folder, text)
        assert len(rows) == 1
        assert rows[0].problems == []
        (found,) = [v.value for v in rows[0].values if v.property == "recurrence"]
        return found["overrides"], notes  # type: ignore[index]

    def test_that_move_are_joined_to_their_event(self, tmp_path: Path) -> None:
        moved = (
            "SUMMARY:Chœur\nRECURRENCE-ID:20261208T183000Z\nDTSTART;TZID=Europe/London:20261209T183000\nDURATION:PT2H"
        )

        found, notes = self.overrides(tmp_path, moved)

        assert found == [
            {"recurrence_id": "2026-12-08T19:30:00", "start": "2026-12-09T19:30:00", "end": "2026-12-09T21:30:00"}
        ]
        assert notes == []

    def test_say_what_differs_alone(self, tmp_path: Path) -> None:
        cancelled = (
            f"SUMMARY:Chœur\nRECURRENCE-ID;VALUE=DATE:20261208\n{START.replace('1201', '1208')}\nSTATUS:CANCELLED"
        )
        renamed = (
            f"SUMMARY:Concert\nRECURRENCE-ID:20261215T183000Z\n{START.replace('1201', '1215')}\nDURATION:PT1H30M\n"
            "LOCATION:Église\nDESCRIPTION:Avec orgue"
        )

        found, notes = self.overrides(tmp_path, cancelled, renamed)

        assert found == [
            {"recurrence_id": "2026-12-08T19:30:00", "end": "2026-12-08T19:30:00", "status": "cancelled"},
            {"recurrence_id": "2026-12-15T19:30:00", "title": "Concert", "place": "Église"},
        ]
        assert notes == [
            "1 single dates have a description, page, place on the map or category of their own: not kept."
        ]

    def test_the_last_version_counts(self, tmp_path: Path) -> None:
        first, last = (
            f"SUMMARY:{title}\nRECURRENCE-ID:20261208T183000Z\n{START.replace('1201', '1208')}\n"
            f"DURATION:PT1H30M\nSEQUENCE:{n}"
            for title, n in (("Ancien", 1), ("Nouveau", 2))
        )
        found, _ = self.overrides(tmp_path, last, first)
        assert found == [{"recurrence_id": "2026-12-08T19:30:00", "title": "Nouveau"}]

    def test_without_their_event_are_its_dates(self, tmp_path: Path) -> None:
        single = [
            f"SUMMARY:A\nRECURRENCE-ID:202612{day}T183000Z\nDTSTART;TZID=Europe/Zurich:202612{day}T{hour}\nDURATION:PT1H"
            for day, hour in (("08", "193000"), ("15", "203000"))
        ]
        rows, _ = taken(tmp_path, calendar(*single).replace("UID:2", "UID:1"))

        found = {each.property: each.value for each in rows[0].values}
        assert found["start"] == "2026-12-08T19:30:00+01:00"
        assert found["recurrence"]["rdates"] == ["2026-12-15T20:30:00"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("lines", "code", "words"),
    [
        (f"{START}\nRRULE:FREQ=WEEKLY\nRRULE:FREQ=DAILY", "recurrence-unreadable", "Two different rules"),
        (f"{START}\nRRULE:FREQ=HOURLY", "recurrence-unreadable", "FREQ cannot be"),
        (f"{START}\nRRULE:FREQ=WEEKLY\nEXRULE:FREQ=DAILY", "recurrence-unreadable", "EXRULE"),
        (f"{START}\nRRULE:FREQ=NIE", "event-unreadable", "RRULE"),
        (f"{START}\nRDATE;VALUE=DATE:20261203", "recurrence-unreadable", "another sort"),
        (f"{START}\nRDATE;VALUE=TIME:083000", "event-unreadable", "time of day"),
        (f"{START}\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261208T183000Z", "recurrence-unreadable", "RANGE"),
        (f"{START}\nDTEND;VALUE=DATE:20261202", "end-without-start", "the other none"),
        (f"{START}\nCLASS:PRIVATE", "event-private", "private"),
        (f"{START}\nDTSTART:20261202T183000Z", "event-unreadable", "twice"),
        ("DTSTART;;VALUE=DATE-TIME:20140409T093000", "event-unreadable", "line"),
        ("DTSTART:31.12.2026", "event-unreadable", "DTSTART"),
        ("DTSTART;TZID=Mars/Base:20261201T193000", "zone-unknown", "Mars/Base"),
        ("LOCATION:Salle", "start-missing", "no beginning"),
        (f"{START}\nune ligne perdue", "event-unreadable", "Line 13"),
    ],
)
def test_refuses_an_event_with_its_line_and_the_reason(tmp_path: Path, lines: str, code: str, words: str) -> None:
    row, found, message = refusal(tmp_path, f"SUMMARY:Bon\n{START}", f"SUMMARY:A\n{lines}")

    assert (row, found) == (9, code)
    assert words in message
    assert "(line 9)" in message


def test_a_recurring_event_needs_a_zone_with_a_name(tmp_path: Path) -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Own\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        "TZOFFSETFROM:+0530\nTZOFFSETTO:+0530\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    event = "SUMMARY:A\nDTSTART;TZID=Own:20261201T193000\nRRULE:FREQ=WEEKLY"
    assert refusal(tmp_path, event, head=zone)[1] == "zone-unknown"


def test_of_two_events_with_one_key_the_second_is_refused(tmp_path: Path) -> None:
    rows, _ = taken(tmp_path, calendar(f"SUMMARY:A\n{START}", f"SUMMARY:B\n{START}").replace("UID:2", "UID:1"))
    assert [(row.rejected, [p.code for p in row.problems]) for row in rows] == [(False, []), (True, ["key-twice"])]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:A\n", "calendar-invalid", 2),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", "calendar-invalid", 3),
        ("BEGIN:VCALENDAR\nVERSION:2.0\nquoi\nEND:VCALENDAR\n", "calendar-invalid", 3),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\nquoi:x\n", "calendar-invalid", 3),
        ("BEGIN:VCALENDAR\nBEGIN:VTODO\nEND:VTODO\nEND:VCALENDAR\n", "empty", None),
    ],
)
def test_refuses_a_file_that_is_broken_with_the_line(tmp_path: Path, text: str, code: str, line: int | None) -> None:
    with pytest.raises(ListRefused) as refused:
        taken(tmp_path, text)
    assert (refused.value.code, refused.value.line) == (code, line)


def test_several_calendars_folded_lines_and_what_is_no_event(tmp_path: Path) -> None:
    first = calendar(f"SUMMARY:Un titre\n  plié\n{START}", head="BEGIN:VTODO\nUID:9\nEND:VTODO\n")
    second = calendar(f"SUMMARY:B\n{START}\nBEGIN:VALARM\nDESCRIPTION:Bip\nEND:VALARM").replace("UID:1", "UID:2")

    rows, notes = taken(tmp_path, first + second)

    assert [row.values[0].value for row in rows] == ["Un titre plié", "B"]
    assert notes == ["Not read: 1 VTODO."]
    assert "Bip" not in repr(rows)


def test_ten_thousand_events_are_read_in_seconds(tmp_path: Path) -> None:
    event = f"{TestSingleDates.WEEKLY};BYDAY=TU\nDESCRIPTION:Chanter"
    started = time.process_time()
    rows, _ = taken(tmp_path, calendar(*[event] * 1000))
    assert len(rows) == 1000
    # A tenth of the calendar the issue names, which has thirty seconds to be imported.
    assert time.process_time() - started < 2
