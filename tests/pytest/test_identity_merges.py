"""Declared identifiers make users one: SQL against a plain union of sets in Python."""

from collections import defaultdict
from datetime import date, timedelta
from random import Random

import pytest
from compiled_project import CompiledProject

pytest_plugins = "dbt_project"

NEEDED = ("user_facts", "int_traits_as_of", "int_user_merges", "int_shared_identifiers")
MAX_USERS = 3
FIRST_DAY = date(2026, 6, 1)
DAYS = 20


@pytest.fixture(scope="module")
def compiled(parsed_project):
    project = CompiledProject(
        parsed_project,
        needed=NEEDED,
        as_of_date=str(FIRST_DAY + timedelta(days=DAYS)),
        snapshot_cadence="day",
        snapshot_count=DAYS,
        identifiers=["email", "traits.phone", "anonymous_id"],
        identifier_max_users=MAX_USERS,
        load_date="2026-07-01",
    )
    yield project
    project.close()


def profile(user, day, email=None, phone=None, **more):
    traits = f'{{"phone": "{phone}"}}' if phone else None
    return {
        "user_id": user,
        "updated_at": f"{FIRST_DAY + timedelta(days=day)} 12:00:00",
        "email": email,
        "traits": traits,
        **more,
    }


def event(number, day, user=None, device=None, name="login"):
    return {
        "event_id": f"e{number}",
        "event_name": name,
        "occurred_at": f"{FIRST_DAY + timedelta(days=day)} 12:00:00",
        "user_id": user,
        "anonymous_id": device,
    }


def merges(compiled, day):
    rows = compiled.query(
        "select user_id, merged_user_id from intermediate.int_user_merges"
        f" where as_of_date = '{FIRST_DAY + timedelta(days=day)}'"
    )
    return {row["user_id"]: row["merged_user_id"] for row in rows}


def population(compiled, day):
    rows = compiled.query(
        "select user_id from facts.user_facts"
        f" where as_of_date = '{FIRST_DAY + timedelta(days=day)}'"
    )
    return sorted(row["user_id"] for row in rows)


def test_users_with_the_same_email_are_one_from_the_day_on_which_both_have_it(compiled):
    compiled.load(
        events=[event(1, 5, "late"), event(2, 7, "late"), event(3, 9, "early")],
        users=[
            profile("early", 1, "Ann@Example.org"),
            profile("late", 6, " ann@example.org"),
        ],
    )
    assert merges(compiled, 5) == {}
    assert population(compiled, 5) == ["early", "late"]
    # Who was known first stands for both, with all that either did.
    assert merges(compiled, 6) == {"late": "early"}
    assert population(compiled, 6) == ["early"]
    [facts] = compiled.query(
        "select event_count, email from facts.user_facts"
        f" where as_of_date = '{FIRST_DAY + timedelta(days=9)}'"
    )
    assert facts == {"event_count": 3, "email": " ann@example.org"}


def test_users_are_one_through_others_and_stay_so_after_a_change(compiled):
    compiled.load(
        events=[event(1, 3, "c", "phone1"), event(2, 4, "d", "phone1")],
        users=[
            profile("a", 1, "x@example.org"),
            profile("b", 2, "x@example.org", phone="1"),
            profile("c", 3, phone="1"),
            profile("b", 8, "new@example.org"),
        ],
    )
    assert merges(compiled, 3) == {"b": "a", "c": "a"}
    assert merges(compiled, 4) == {"b": "a", "c": "a", "d": "a"}
    assert merges(compiled, 9) == merges(compiled, 4)


def test_a_value_that_too_many_share_is_ignored_from_then_on(compiled):
    shared = [event(n, n, f"u{n}", "kiosk") for n in range(1, MAX_USERS + 2)]
    compiled.load(
        events=[*shared, event(99, 1, "u1")],
        users=[profile("u1", 1, "one@example.org"), profile("u4", 5, "one@example.org")],
    )
    assert merges(compiled, MAX_USERS) == {"u2": "u1", "u3": "u1"}
    assert merges(compiled, MAX_USERS + 1) == {}
    # Other identifiers still say who is one.
    assert merges(compiled, 5) == {"u4": "u1"}
    ignored = compiled.query(
        "select min(as_of_date) as first_date, max(user_count) as user_count"
        " from intermediate.int_shared_identifiers where is_ignored"
    )
    assert ignored == [
        {"first_date": FIRST_DAY + timedelta(days=MAX_USERS + 1), "user_count": 4}
    ]


def test_a_device_that_thousands_share_joins_nobody(compiled):
    compiled.load(
        events=[event(n, 1 + n % 5, f"u{n}", "kiosk") for n in range(3000)], users=[]
    )
    assert merges(compiled, 10) == {}
    assert len(population(compiled, 10)) == 3000


def test_an_anonymous_id_goes_with_its_user_to_the_one_that_stands_for_both(compiled):
    compiled.load(
        events=[
            event(1, 1, device="d1", name="purchase"),
            event(2, 2, "b", "d1"),
            event(3, 1, "a"),
        ],
        users=[profile("a", 0, "x@example.org"), profile("b", 4, "x@example.org")],
    )
    assert population(compiled, 1) == ["a", "d1"]
    assert population(compiled, 3) == ["a", "b"]
    assert population(compiled, 4) == ["a"]


def test_empty_text_and_staff_make_nobody_one(compiled):
    compiled.load(
        events=[event(1, 1, "a"), event(2, 1, "b")],
        users=[
            profile("a", 1, "", phone=" "),
            profile("b", 1, "", phone=" "),
            profile("test_1", 1, "shared@example.org"),
            profile("c", 2, "shared@example.org"),
        ],
    )
    excluded = compiled.query("select user_id from intermediate.int_excluded_users")
    assert merges(compiled, 9) == {}
    assert [row["user_id"] for row in excluded] == ["test_1"]


def united(events, users, day):
    """Who stands for whom, by uniting sets until nothing changes."""
    holders, known = defaultdict(set), {}
    for row in [*events, *users]:
        when = date.fromisoformat((row.get("occurred_at") or row["updated_at"])[:10])
        if when > FIRST_DAY + timedelta(days=day) or not row["user_id"]:
            continue
        user = row["user_id"]
        known[user] = min(known.get(user, when), when)
        if row.get("anonymous_id"):
            holders["device", row["anonymous_id"]].add(user)
        if row.get("email"):
            holders["email", row["email"].strip().lower()].add(user)
        if row.get("traits"):
            holders["phone", row["traits"]].add(user)
    groups = [set(one) for one in holders.values() if 1 < len(one) <= MAX_USERS]
    changed = True
    while changed:
        changed = False
        for one in groups:
            for other in groups:
                if one is not other and one & other:
                    one |= other
                    groups.remove(other)
                    changed = True
                    break
            if changed:
                break
    found = {}
    for group in groups:
        first = min(group, key=lambda user: (known[user], user))
        found |= {user: first for user in group if user != first}
    return found


@pytest.mark.parametrize("seed", range(25))
def test_random_identifiers_unite_the_same_users_as_sets_do(compiled, seed):
    dice = Random(seed)
    users = [f"u{n}" for n in range(14)]
    events = [
        event(
            n,
            dice.randrange(DAYS),
            dice.choice([*users, None]),
            f"d{dice.randrange(12)}",
        )
        for n in range(30)
    ]
    profiles = [
        profile(
            dice.choice(users),
            dice.randrange(DAYS),
            dice.choice([None, f"{dice.choice('ABab')}{dice.randrange(5)}@example.org"]),
            dice.choice([None, str(dice.randrange(8))]),
        )
        for _ in range(14)
    ]
    compiled.load(events=events, users=profiles)
    for day in range(1, DAYS + 1):
        assert merges(compiled, day) == united(events, profiles, day), day
