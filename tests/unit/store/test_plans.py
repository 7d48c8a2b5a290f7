import json
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.plan.document import PlanAltered
from reconciler.plan.plan_file import parse_plan, seal
from reconciler.ports import PlanStore
from reconciler.store.folder import StoreError
from reconciler.store.plans import FilePlanStore, PlanNotFound, encode_plan
from tests.plans import full_plan, make_plan


@pytest.fixture
def store(tmp_path: Path) -> FilePlanStore:
    return FilePlanStore(tmp_path / "plans")


def test_it_is_a_plan_store(store: FilePlanStore) -> None:
    port: PlanStore = store

    assert port.load(port.save(make_plan())) == make_plan()


def test_ruling_16_a_plan_is_named_by_application_time_and_digest(store: FilePlanStore) -> None:
    plan = make_plan(created_at="2026-11-23T11:15:02+01:00")

    name = store.save(plan)

    expected = f"ipass-smartconnect/2026-11-23T101502Z-{plan.digest[:12]}.plan.json"
    assert Path(name) == store.folder / expected


def test_what_is_stored_is_canonical_json_and_a_newline(store: FilePlanStore) -> None:
    data = Path(store.save(full_plan())).read_bytes()

    assert data == encode_plan(full_plan())
    assert data.endswith(b"}\n")
    parsed = json.loads(data)
    canonical = json.dumps(parsed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert data.decode("utf-8") == canonical + "\n"


def test_the_same_digest_is_stored_once(store: FilePlanStore) -> None:
    first = store.save(make_plan(created_at="2026-11-23T10:15:02Z"))
    before = Path(first).read_bytes()

    second = store.save(make_plan(created_at="2026-11-24T09:00:00Z"))

    assert second == first
    assert Path(first).read_bytes() == before
    assert len(store.list()) == 1


def test_another_journal_head_is_another_plan(store: FilePlanStore) -> None:
    store.save(make_plan(journal_head=None))
    store.save(make_plan(journal_head="d" * 64))

    assert len(store.list()) == 2


def test_a_name_that_holds_another_plan_is_refused(store: FilePlanStore) -> None:
    plan, other = make_plan(), make_plan(users=251)
    name = store.save(plan)
    Path(name).write_bytes(encode_plan(other))

    with pytest.raises(StoreError, match="another plan"):
        store.save(plan)


@pytest.mark.parametrize("dangling", [True, False])
def test_a_plan_is_not_stored_through_a_link(store: FilePlanStore, dangling: bool) -> None:
    plan = make_plan()
    path = Path(store.save(plan))
    elsewhere = store.folder / "elsewhere"
    path.rename(elsewhere)
    if dangling:
        elsewhere.unlink()
    path.symlink_to(elsewhere)

    with pytest.raises(StoreError, match="symbolic link"):
        store.save(plan)


def test_an_application_that_is_a_path_is_refused(store: FilePlanStore) -> None:
    with pytest.raises(StoreError, match="cannot be the name"):
        store.save(make_plan(application="../../etc"))


@pytest.mark.parametrize("written", ["yesterday", "../../x", "", "2026-13-01T00:00:00Z"])
def test_a_header_without_a_time_is_an_altered_plan(store: FilePlanStore, written: str) -> None:
    with pytest.raises(PlanAltered, match="created_at"):
        store.save(make_plan(created_at=written))


def test_a_time_without_a_zone_is_utc(store: FilePlanStore) -> None:
    assert "2026-11-23T101502Z-" in store.save(make_plan(created_at="2026-11-23T10:15:02"))


def test_inv_24_an_altered_plan_is_refused_and_named(store: FilePlanStore) -> None:
    name = store.save(make_plan())
    altered = Path(name).read_bytes().replace(b"ada@contoso.example", b"eve@contoso.example")
    Path(name).write_bytes(altered)

    with pytest.raises(PlanAltered, match=r"plan\.json: the plan was altered"):
        store.load(name)


def test_every_byte_of_a_plan_counts(store: FilePlanStore) -> None:
    """F69: no byte inside the body can change and leave a plan that is taken."""
    plan = make_plan()
    data = encode_plan(plan)
    start, end = data.index(b'"body":') + 7, data.index(b',"digest"')
    for place in range(start, end):
        changed = bytearray(data)
        changed[place] ^= 0x01
        try:
            same = parse_plan(bytes(changed)) == plan
        except PlanAltered:
            same = True
        assert same, place


def test_a_file_that_is_no_plan_is_refused(store: FilePlanStore, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("<html>")

    with pytest.raises(PlanAltered, match="not a plan"):
        store.load(str(tmp_path / "x.json"))


def test_a_plan_beyond_the_limit_is_not_read(
    store: FilePlanStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = store.save(make_plan())
    monkeypatch.setattr("reconciler.store.plans.PLAN_LIMIT", 100)

    with pytest.raises(StoreError, match="larger than 100 bytes"):
        store.load(name)


def test_a_plan_is_found_by_path_and_by_the_start_of_its_digest(store: FilePlanStore) -> None:
    plan = make_plan()
    name = store.save(plan)

    for digits in (8, 12, 20, 64):
        assert store.find(plan.digest[:digits]) == Path(name)
    assert store.find(name) == Path(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("plans/nothing.plan.json", "no plan at", id="no such file"),
        pytest.param("0" * 8, "no plan in", id="no such digest"),
        pytest.param("0" * 7, "too short: 8 digits or more", id="too short for a digest"),
        pytest.param("abcdefg", "no plan at", id="no start of a digest"),
        pytest.param("", "no plan at", id="empty"),
        pytest.param("x\0y", "no plan at", id="a null character"),
        pytest.param("x" * 5000, "no plan at", id="too long for a path"),
    ],
)
def test_what_is_not_there_is_said_so(store: FilePlanStore, name: str, message: str) -> None:
    store.save(make_plan())

    with pytest.raises(PlanNotFound, match=message):
        store.load(name)


def test_two_plans_of_one_digest_prefix_are_both_named(store: FilePlanStore) -> None:
    plan = make_plan()
    first = Path(store.save(plan))
    second = first.with_name(first.name.replace("101502", "101503"))
    second.write_bytes(first.read_bytes())

    with pytest.raises(PlanNotFound, match="more than one") as refused:
        store.find(plan.digest[:8])

    assert str(first) in str(refused.value)
    assert str(second) in str(refused.value)


def test_a_long_prefix_tells_plans_apart_whose_names_are_alike(store: FilePlanStore) -> None:
    plan = make_plan()
    first = Path(store.save(plan))
    other = make_plan(users=1)
    impostor = first.with_name(first.name.replace("101502", "101503"))
    impostor.write_bytes(encode_plan(other))

    assert store.find(plan.digest) == first


def test_plans_are_listed_the_newest_last(store: FilePlanStore) -> None:
    newest = store.save(make_plan(created_at="2026-11-23T10:00:00Z"))
    oldest = store.save(make_plan(created_at="2026-01-01T10:00:00Z", users=1))
    other = store.save(make_plan(created_at="2026-05-01T10:00:00Z", application="crm"))

    assert [str(stored.path) for stored in store.list()] == [oldest, other, newest]
    assert [str(stored.path) for stored in store.list("crm")] == [other]


def test_a_listed_plan_tells_its_name_apart(store: FilePlanStore) -> None:
    plan = make_plan()
    store.save(plan)

    (stored,) = store.list()

    assert stored.application == "ipass-smartconnect"
    assert stored.created.isoformat() == "2026-11-23T10:15:02+00:00"
    assert stored.digest12 == plan.digest[:12]
    assert stored.journal == store.journal_path(plan)


@pytest.mark.parametrize(
    "name",
    ["notes.plan.json", "2026-99-99T000000Z-0123456789ab.plan.json", "2026-11-23.json"],
)
def test_a_file_with_another_name_is_not_listed(store: FilePlanStore, name: str) -> None:
    folder = store.folder / "crm"
    folder.mkdir(parents=True)
    (folder / name).write_text("{}")

    assert store.list() == ()


def test_ruling_16_the_journal_lies_beside_the_stored_plan(store: FilePlanStore) -> None:
    plan = make_plan()
    name = store.save(plan)

    journal = store.journal_path(plan)

    assert str(journal) == name.replace(".plan.json", ".journal.jsonl")


def test_ruling_16_a_plan_made_again_keeps_the_first_ones_journal(store: FilePlanStore) -> None:
    store.save(make_plan(created_at="2026-11-23T10:15:02Z"))

    journal = store.journal_path(make_plan(created_at="2026-11-25T10:15:02Z"))

    assert journal.name.startswith("2026-11-23T101502Z-")


def test_a_journal_whose_plan_is_gone_is_still_that_plans(store: FilePlanStore) -> None:
    plan = make_plan()
    name = store.save(plan)
    store.journal_path(plan).touch()
    Path(name).unlink()
    again = seal(plan.body, replace(plan.header, created_at="2026-12-01T00:00:00Z"))

    assert store.journal_path(again).name.startswith("2026-11-23T101502Z-")
    assert store.save(again) == name


def test_ruling_16_a_copy_is_the_same_plan_anywhere(store: FilePlanStore, tmp_path: Path) -> None:
    plan = make_plan()

    store.write_copy(plan, tmp_path / "new" / "p.json")

    assert (tmp_path / "new" / "p.json").read_bytes() == encode_plan(plan)
    assert store.load(str(tmp_path / "new" / "p.json")) == plan
    assert store.list() == ()
