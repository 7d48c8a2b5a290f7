"""Laws of pace: whoever asks when, and whatever the server says."""

from hypothesis import given
from hypothesis import strategies as st

from reconciler.live.inflight import InFlight
from reconciler.live.pace import Pace
from reconciler.live.retry_after import retry_after, used_up

NAMES = ("retry-after", "x-ratelimit-reset")
spans = st.floats(0, 5) | st.just(0.0)


class Time:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@given(
    rate=st.integers(1, 40),
    burst=st.integers(1, 20),
    steps=st.lists(st.tuples(st.sampled_from(["take", "rest", "pause"]), spans), max_size=120),
)
def test_no_second_holds_too_many_and_no_pause_any(
    rate: int, burst: int, steps: list[tuple[str, float]]
) -> None:
    time = Time()
    pace = Pace(rate, time.monotonic, time.sleep, burst)
    went: list[float] = []
    paused_until = 0.0
    for kind, seconds in steps:
        if kind == "rest":
            time.now += seconds
        elif kind == "pause":
            pace.pause(seconds)
            paused_until = max(paused_until, time.now + seconds)
        else:
            pace.take()
            went.append(time.now)
            assert time.now >= paused_until - 1e-6

    most = max(rate, burst)
    assert all(later - sooner > 1.0 for sooner, later in zip(went, went[most:], strict=False))


@given(
    most=st.integers(1, 64),
    steps=st.lists(
        st.tuples(st.booleans(), st.sampled_from("ab"), st.floats(0, 1e6)), max_size=200
    ),
)
def test_inv_20_there_is_always_a_place_and_never_more_than_allowed(
    most: int, steps: list[tuple[bool, str, float]]
) -> None:
    places = InFlight(most)
    for good, kind, seconds in steps:
        entered = places.enter()
        places.leave()
        if good:
            places.answered(kind, seconds, entered)
        else:
            places.refused(entered)

        assert 1 <= places.limit <= most


@given(
    st.dictionaries(
        st.sampled_from([*NAMES, "x-ratelimit-remaining", "date"]),
        st.text(max_size=30) | st.integers().map(str) | st.floats().map(str),
    ),
    st.sampled_from([200, 429, 503]),
)
def test_f03_any_header_is_a_wait_or_nothing(headers: dict[str, str], status: int) -> None:
    for seconds in (retry_after(headers, status, NAMES), used_up(headers, status, NAMES)):
        assert seconds is None or 0 <= seconds < 10**12
