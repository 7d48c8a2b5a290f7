"""What comes over the socket, byte by byte."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from reconciler.testing import FaultyScim, Reply, Request
from reconciler.testing.wire import listening
from tests.unit.testing.honest import honest

ASK = b"GET /v2/Users HTTP/1.1\r\nHost: x\r\n\r\n"
WRITE = b"POST /v2/Users HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    port = int(url.split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        yield connection


def heard(connection: socket.socket) -> bytes:
    """Read until the other side closes."""
    found = b""
    while piece := connection.recv(65536):
        found += piece
    return found


def answered(fault: str, asked: bytes = ASK) -> bytes:
    """Ask once and hear everything that comes before the end."""
    with FaultyScim(honest, [fault]).serve() as url, connected(url) as connection:
        connection.sendall(asked)
        return heard(connection)


def test_a_hang_up_is_an_end_without_a_byte() -> None:
    assert answered("hang-up") == b""


def test_a_reset_is_one() -> None:
    with pytest.raises(ConnectionResetError):
        answered("reset")


def test_a_reset_after_the_effect_is_one_too() -> None:
    service = FaultyScim(honest, ["reset-after-commit"])
    with service.serve() as url, connected(url) as connection:
        connection.sendall(WRITE)
        with pytest.raises(ConnectionResetError):
            heard(connection)

    assert len(service.effects) == 1


def test_half_a_head_has_a_status_and_no_end() -> None:
    found = answered("half-head")

    assert found.startswith(b"HTTP/1.1 200")
    assert b"\r\n\r\n" not in found


def test_half_a_body_has_a_whole_head() -> None:
    head, _, body = answered("half-body").partition(b"\r\n\r\n")

    assert b"Content-Length: 23" in head
    assert len(body) == 11


@pytest.mark.parametrize(("fault", "stated"), [("length-too-high", 32), ("length-too-low", 14)])
def test_a_length_that_is_stated_and_not_sent(fault: str, stated: int) -> None:
    head, _, body = answered(fault).partition(b"\r\n\r\n")

    assert f"Content-Length: {stated}".encode() in head
    assert len(body) == 23


def test_a_bad_chunk_comes_after_a_good_one() -> None:
    head, _, body = answered("bad-chunk").partition(b"\r\n\r\n")

    assert b"Transfer-Encoding: chunked" in head
    assert b"Content-Length" not in head
    assert body.startswith(b'b\r\n{"id": "GET\r\nzz\r\n')


def test_a_drip_comes_whole_in_the_end() -> None:
    with FaultyScim(honest, ["slow-body"]).serve() as url, connected(url) as connection:
        connection.sendall(ASK)
        first = connection.recv(65536)
        while not first.endswith(b'/v2/Users"}'):
            piece = connection.recv(65536)
            assert len(piece) < 23
            first += piece


def test_silence_lasts_until_the_client_goes() -> None:
    with FaultyScim(honest, ["silent"]).serve() as url, connected(url) as connection:
        connection.sendall(ASK)
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)


def test_a_connection_that_was_used_before_dies_at_the_next_write() -> None:
    service = FaultyScim(honest, ["stale-connection"])
    with service.serve() as url, connected(url) as connection:
        connection.sendall(ASK)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        connection.sendall(WRITE)
        assert heard(connection) == b""

    assert [each.reused for each in service.requests] == [False, True]
    assert service.reached == []


def test_outside_the_mount_there_is_nothing_and_nobody_is_told() -> None:
    service = FaultyScim(honest)
    with service.serve() as url, connected(url) as connection:
        connection.sendall(
            ASK.replace(b"/v2/", b"/other/").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        )
        assert heard(connection).startswith(b"HTTP/1.1 404")

    assert service.requests == []


def test_it_listens_on_loopback_and_ends_with_its_block() -> None:
    with listening(lambda request: Reply(request.path.encode()), "/scim") as url:
        assert url.startswith("http://127.0.0.1:")
        assert url.endswith("/scim")
    with pytest.raises(ConnectionRefusedError), connected(url):
        pass


def test_quoted_paths_stay_quoted() -> None:
    seen: list[Request] = []

    def answer(request: Request) -> Reply:
        seen.append(request)
        return Reply()

    with listening(answer, "/v2") as url, connected(url) as connection:
        connection.sendall(b"GET /v2/Users/a%2Fb?filter=a%26b HTTP/1.0\r\n\r\n")
        heard(connection)

    assert (seen[0].path, dict(seen[0].query)) == ("/Users/a%2Fb", {"filter": "a&b"})
