"""Whom an image is shared with."""

from __future__ import annotations

import pytest

from imagefit.readers import Kind


def member(account: str, status: object = "accepted", image: str = "i1") -> dict[str, object]:
    return {"image_id": image, "member_id": account, "status": status, "schema": "/v2/schemas/member"}


def test_members_are_taken_together_for_each_image(read_data):
    first, second = read_data({"members": [member("a"), member("b"), member("c", image="i2")]}).records
    assert (first.kind, first.key, first.image_ref) == (Kind.MEMBERS, "i1", "i1")
    assert dict(first.facts) == {
        "image.shared_with": frozenset({"a", "b"}),
        "image.recipients": 2,
        "image.accepted_by": frozenset({"a", "b"}),
        "image.shared_with_kinds": frozenset({"project"}),
    }
    assert second.facts["image.shared_with"] == frozenset({"c"})


def test_each_recipient_answers_for_itself_and_only_those_that_accepted_count(read_one):
    record = read_one({"members": [member("a"), member("b", "pending"), member("c", "rejected")]})
    assert record.facts["image.shared_with"] == frozenset({"a", "b", "c"})
    assert record.facts["image.accepted_by"] == frozenset({"a"})
    assert record.facts["image.recipients"] == 1
    assert record.notes == ()


def test_an_answer_that_is_not_understood_is_shown(read_one):
    record = read_one({"members": [member("a"), member("b", "maybe")]})
    assert record.facts.keys() == {"image.shared_with", "image.shared_with_kinds"}
    assert "'maybe'" in record.notes[0]


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: {"member": one}], ids=["bare", "wrapped"])
def test_one_member_alone_is_not_the_list_of_them(read_data, wrap):
    document = read_data(wrap(member("a")))
    assert dict(document.records[0].facts) == {}
    assert document.warnings == ("this is one member, and not the list of them: the image may have others",)


@pytest.mark.parametrize("name", ["memberType", "Member_Type", "membertype"])
def test_the_kind_of_a_member_under_another_name_is_not_left_out(read_one, name: str):
    record = read_one({"members": [member("a"), {**member("b"), name: "domain"}]})
    assert dict(record.facts) == {}
    assert f"{name} is not known, and may be member_type" in record.notes[0]


def test_no_member_is_known_to_be_none(read_one):
    assert dict(read_one({"members": []}).facts) == {
        "image.shared_with": frozenset(),
        "image.accepted_by": frozenset(),
        "image.recipients": 0,
        "image.shared_with_kinds": frozenset(),
    }


def test_members_complete_the_image_that_they_belong_to(read_one):
    image = read_one({"id": "i1", "name": "x", "__imagetype": "shared"})
    both = image.completed_by(read_one({"members": [member("a")]}))
    assert both.key == "i1"
    assert both.facts["image.accepted_by"] == frozenset({"a"}) and both.facts["image.visibility"] == "shared"
    assert str(both.origins["image.shared_with"]) == "api: member_id"


@pytest.mark.parametrize("missing", ["image_id", "member_id", "status"])
def test_a_member_that_does_not_say_who_or_whose_it_is_leaves_all_unknown(read_data, missing: str):
    cut = {name: value for name, value in member("b").items() if name != missing}
    document = read_data({"members": [member("a"), cut, member("c", image="i2")]})
    assert {record.key for record in document.records} >= {"i1", "i2"}
    for record in document.records:
        assert dict(record.facts) == {}
        assert "lacks its image_id, member_id or status" in record.notes[0]


@pytest.mark.parametrize("kind", ["domain", "organization"])
def test_of_members_that_are_more_than_a_project_the_accounts_are_unknown(read_one, kind: str):
    record = read_one({"members": [member("a"), {**member("b"), "member_type": kind, "urn": "organizations:x:y"}]})
    assert dict(record.facts) == {"image.shared_with_kinds": frozenset({"project", kind})}
    assert f"shared with a {kind}" in record.notes[0]
    assert record.unrecognised == ()


def test_a_project_is_a_project_whether_it_says_so_or_not(read_one):
    said = read_one({"members": [{**member("a"), "member_type": "project"}]})
    assert dict(said.facts) == dict(read_one({"members": [member("a")]}).facts)


def test_a_kind_of_member_that_is_not_known_leaves_all_unknown(read_one):
    record = read_one({"members": [{**member("a"), "member_type": "galaxy"}]})
    assert dict(record.facts) == {}
    assert "'galaxy'" in record.notes[0]


MORE = [
    {"page_info": {"next_marker": "x", "current_count": 1}},
    {"next": "/v2/images/i1"},
    {"links": [{"rel": "self", "href": "a"}, {"rel": "next", "href": "b"}]},
    {"links": {"self": "a", "next": "b"}},
    {"members_links": [{"rel": "next", "href": "b"}]},
    {"next_marker": "x"},
    {"has_more": True},
    {"truncated": "true"},
]


@pytest.mark.parametrize("more", MORE)
def test_one_page_of_the_members_does_not_tell_who_they_are(read_data, more: dict[str, object]):
    document = read_data({"members": [member("a")], **more})
    assert dict(document.records[0].facts) == {}
    assert "not all members are here" in document.records[0].notes[0]
    assert "this is one page of a longer list" in document.warnings[0]


@pytest.mark.parametrize("more", [more for more in MORE if "links" not in str(more)])
def test_what_says_so_around_the_object_of_the_list_makes_it_a_page_too(read_data, more: dict[str, object]):
    document = read_data({"code": 0, "data": {"members": [member("a")]}, **more})
    assert dict(document.records[0].facts) == {}


@pytest.mark.parametrize("count", [{"count": 2}, {"total_count": "2"}, {"total": 2}, {"page_info": {"total": 2}}])
def test_members_that_are_fewer_than_there_are_do_not_tell_who_they_are(read_data, count: dict[str, object]):
    document = read_data({"members": [member("a")], **count})
    assert dict(document.records[0].facts) == {}
    assert document.warnings == ("this is not the whole list: 1 of 2 members",)


@pytest.mark.parametrize(
    "last",
    [
        {"page_info": {"next_marker": None, "current_count": 1}},
        {"links": {"self": "a", "next": None}},
        {"has_more": False},
        {"truncated": "false"},
        {"next_marker": ""},
        {"total_count": 1},
        {"links": [{"rel": "self", "href": "a"}]},
    ],
)
def test_the_last_page_is_the_whole_list(read_one, last: dict[str, object]):
    record = read_one({"members": [member("a")], **last})
    assert record.facts["image.shared_with"] == frozenset({"a"})


def test_a_member_that_is_listed_with_two_answers_leaves_unknown_who_accepted(read_one):
    twice = [member("a"), member("b"), {**member("a"), "status": "rejected"}]
    record = read_one({"members": twice})
    assert "image.accepted_by" not in record.facts and "image.recipients" not in record.facts
    assert record.notes[0].startswith("member 'a' is here twice, as accepted and as rejected")
    same = read_one({"members": [member("a"), member("a")]})
    assert same.facts["image.accepted_by"] == frozenset({"a"})


def test_blanks_around_what_a_member_says_are_none_of_it(read_one):
    padded = {name: f" {value} " for name, value in member("a").items()}
    assert dict(read_one({"members": [padded]}).facts) == dict(read_one({"members": [member("a")]}).facts)


@pytest.mark.parametrize("name", ["member_id", "image_id"])
@pytest.mark.parametrize("odd", ["a\u200b", "\ufeffa", "false", "[]"])
def test_what_can_be_no_id_leaves_unknown_who_the_members_are(read_one, name: str, odd: str):
    assert dict(read_one({"members": [{**member("a"), name: odd}]}).facts) == {}


@pytest.mark.parametrize("name", ["member_id", "status", "image_id"])
@pytest.mark.parametrize("nothing", ["null", "None", "N/A", " ", "***", "REDACTED", "xxxxxxxx-xxxx"])
def test_a_member_of_which_a_program_wrote_no_value_lacks_it(read_one, name: str, nothing: str):
    record = read_one({"members": [{**member("a"), name: nothing}]})
    assert dict(record.facts) == {}
    assert "lacks its image_id, member_id or status" in record.notes[0]
