from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest

from reconciler.sandbox import make_app
from reconciler.testing import (
    FAULTS,
    Fault,
    FaultyScim,
    Inject,
    NeedsServe,
    Reply,
    Request,
    Turn,
    Where,
    Wire,
)
from tests.unit.testing.honest import honest

GET, POST = Request("GET", "/Users"), Request("POST", "/Users")
ALL = Where("everything", lambda request: True)


def marked(letter: str) -> Fault:
    """Return a fault that puts a letter before and after what is said."""

    def act(request: Request, turn: Turn) -> Reply:
        reply = turn.forward(Request(request.method, f"{request.path}{letter}"))
        return Reply(letter.encode() + reply.body)

    return Fault(letter, "", "a letter", ALL, act)


def test_what_stands_first_acts_first_and_answers_last() -> None:
    service = FaultyScim(honest, [marked("a"), marked("b")])

    assert service.answer(GET).body == b'ab{"id": "GET /v2/Usersab"}'


def test_everything_that_arrives_is_recorded_and_what_gets_through_apart() -> None:
    service = FaultyScim(honest, [Inject("status-500", nth=1, method="POST")])
    for request in (GET, POST, POST):
        service.answer(request)

    assert [(each.number, each.method) for each in service.requests] == [
        (1, "GET"),
        (2, "POST"),
        (3, "POST"),
    ]
    assert [each.number for each in service.writes] == [2, 3]
    assert [(each.request.number, each.status) for each in service.reached] == [(3, 200)]
    assert service.effects == service.reached
    assert [tuple(each) for each in service.injected] == [(2, "status-500")]


def test_a_search_by_post_is_no_write() -> None:
    service = FaultyScim(honest)
    service.answer(Request("POST", "/Users/.search"))

    assert service.writes == []
    assert service.reached == []


def test_a_write_that_the_application_refuses_has_reached_it_without_effect() -> None:
    service = FaultyScim(make_app("token"))
    service.answer(POST)

    assert [each.status for each in service.reached] == [401]
    assert service.effects == []


def test_arming_replaces_the_schedule_and_forgets_what_was_recorded() -> None:
    service = FaultyScim(honest, ["status-500"])
    service.answer(POST)

    service.arm("status-503")

    assert (service.requests, service.reached, service.injected) == ([], [], [])
    assert service.answer(POST).status == 503
    service.arm()
    assert service.answer(POST).status == 200


def test_what_a_fault_left_behind_is_gone_when_another_schedule_is_armed() -> None:
    service = FaultyScim(honest, ["penalty"])
    for _ in range(2):
        service.answer(POST)
    service.arm()

    assert service.answer(POST).status == 200


def test_what_a_fault_leaves_behind_is_for_so_many_requests() -> None:
    service = FaultyScim(honest, ["penalty"])

    assert [service.answer(POST).status for _ in range(6)] == [200, 200, 429, 429, 429, 200]


def test_the_text_of_a_service_is_what_repeats_its_faults() -> None:
    service = FaultyScim(honest, [Inject("status-500", nth=2), "html"], seed=7)

    known = {"FaultyScim": FaultyScim, "app": honest, "Inject": Inject}
    again = eval(repr(service), known)  # noqa: S307 - it is our own text

    assert repr(again) == repr(service)
    assert "seed=7" in repr(service)


def test_many_threads_lose_no_count() -> None:
    service = FaultyScim(honest, [Inject("status-500", nth=range(1, 51))])

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: service.answer(POST).status, range(200)))

    assert statuses.count(500) == 50
    assert sorted(each.number for each in service.requests) == list(range(1, 201))
    assert len(service.reached) == 150


def asked(service: FaultyScim, method: str = "GET", path: str = "/v2/Users") -> Any:
    """Ask as a WSGI server does; return status, headers and body."""
    said: list[Any] = []
    environ: Any = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "filter=id%20pr",
        "CONTENT_LENGTH": "2",
        "CONTENT_TYPE": "application/scim+json",
        "HTTP_X_ASKED_BY": "a test",
        "wsgi.input": BytesIO(b"{}"),
    }
    body = b"".join(service(environ, lambda status, headers: said.extend([status, dict(headers)])))  # type: ignore[arg-type]
    return said[0], said[1], body


def test_it_is_a_wsgi_application() -> None:
    service = FaultyScim(honest)

    status, headers, body = asked(service)

    assert status == "200 OK"
    assert headers["Content-Type"] == "application/scim+json"
    assert headers["Etag"] == 'W/"1"'
    assert body == b'{"id": "GET /v2/Users"}'
    seen = service.requests[0]
    assert (seen.path, dict(seen.query), seen.body) == ("/Users", {"filter": "id pr"}, b"{}")
    assert seen.headers["x-asked-by"] == "a test"


def test_a_path_of_wsgi_is_quoted_again() -> None:
    service = FaultyScim(honest)

    asked(service, path="/v2/Users/a b/é".encode().decode("latin-1"))

    assert service.requests[0].path == "/Users/a%20b/%C3%A9"


@pytest.mark.parametrize("fault", [name for name, row in FAULTS.items() if row.on_the_wire])
def test_a_fault_of_the_wire_says_that_it_needs_one(fault: str) -> None:
    """Also before the first request that it is about, or a test would pass without it."""
    with pytest.raises(NeedsServe, match="serve"):
        asked(FaultyScim(honest, [fault]), "DELETE")


def test_a_fault_of_your_own_that_needs_the_wire_says_so() -> None:
    cut = Fault("cut", "", "cut", ALL, lambda request, turn: Reply(wire=Wire(cut_after=0)))

    with pytest.raises(NeedsServe, match="serve"):
        asked(FaultyScim(honest, [cut]))
