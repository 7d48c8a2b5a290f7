from reconciler.live.pace import BURST, Pace


class Time:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_without_a_limit_nobody_waits() -> None:
    time = Time()
    pace = Pace(0, time.monotonic, time.sleep)
    for _ in range(1000):
        pace.take()

    assert time.slept == []


def test_a_burst_goes_at_once() -> None:
    time = Time()
    pace = Pace(10, time.monotonic, time.sleep)
    for _ in range(BURST):
        pace.take()

    assert time.slept == []


def test_after_the_burst_the_rate_holds() -> None:
    time = Time()
    pace = Pace(10, time.monotonic, time.sleep)
    for _ in range(BURST + 50):
        pace.take()

    assert round(time.now - 100.0, 6) == 5.0


def test_a_long_rest_does_not_save_up_more_than_a_burst() -> None:
    time = Time()
    pace = Pace(10, time.monotonic, time.sleep)
    pace.take()
    time.now += 3600
    for _ in range(BURST + 10):
        pace.take()

    assert round(sum(time.slept), 6) == 1.0


def test_a_pause_holds_everybody_back() -> None:
    time = Time()
    pace = Pace(0, time.monotonic, time.sleep)
    pace.pause(30)
    pace.pause(10)
    pace.take()

    assert time.now == 130.0


def test_a_pause_made_while_somebody_waits_holds_them_too() -> None:
    time = Time()
    pace = Pace(1, time.monotonic, time.sleep)
    for _ in range(BURST):
        pace.take()

    def sleep_and_be_paused(seconds: float) -> None:
        if not time.slept:
            pace.pause(60)
        Time.sleep(time, seconds)

    pace._sleep = sleep_and_be_paused
    pace.take()

    assert time.now == 160.0
