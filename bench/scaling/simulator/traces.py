"""What the pool gets to do: arrivals of tasks, and what somebody would pay who knew them all beforehand."""

import math
import random
from dataclasses import dataclass, field

HOUR = 3600.0
LONGEST = 4 * HOUR


@dataclass
class Trace:
    """Tasks of one pool in seconds: when each arrives and how long it runs; it goes on until `horizon`."""

    name: str
    tasks: list
    horizon: float
    most: int = 50
    slots: int = 4
    # runs that a schedule creates: when, and of how many tasks the last one was
    runs: list = field(default_factory=list)

    def __post_init__(self):
        self.tasks.sort()


def traces(seed=7):
    dice = random.Random(seed)

    def poisson(rate, start, end):
        time = start
        while (time := time + dice.expovariate(rate)) < end:
            yield time

    def lasting(median, sigma):
        return min(LONGEST, dice.lognormvariate(math.log(median), sigma))

    def burst(start, number, median, sigma, within=2):
        return [(start + dice.random() * within, lasting(median, sigma)) for _ in range(number)]

    def office_hours(hour):
        return 0.02 + 0.25 * max(0, math.sin((hour - 6) / 12 * math.pi))

    spikes = [(start * 900 + 300, dice.randint(10, 80)) for start in range(32)]
    hourly = [hour * HOUR + 900 + dice.random() * 600 for hour in range(24)]
    long_ones = [(time, 2 * HOUR * dice.uniform(0.8, 1.2)) for time in poisson(6 / HOUR, 0, 8 * HOUR)]
    return [
        Trace("nightly", burst(HOUR, 500, 120, 0.8), 6 * HOUR, runs=[(HOUR, 500)]),
        Trace("steady", [(time, lasting(20, 0.5)) for time in poisson(0.5, 0, 6 * HOUR)], 6 * HOUR),
        Trace("spiky", [task for start, number in spikes for task in burst(start, number, 60, 0.5, 5)], 8 * HOUR + 900, runs=spikes),
        Trace("mixed", long_ones + [(time, 10.0) for time in poisson(0.2, 0, 10 * HOUR)], 12 * HOUR),
        Trace("idle", [(time, 30.0) for time in hourly], 24 * HOUR, most=10, runs=[(time, 1) for time in hourly]),
        Trace(
            "day",
            [(time, lasting(90, 1.0)) for hour in range(24) for time in poisson(office_hours(hour), hour * HOUR, hour * HOUR + HOUR)]
            + burst(2 * HOUR, 300, 180, 0.8),
            25 * HOUR,
            runs=[(2 * HOUR, 300)],
        ),
        Trace("ramp", [(600 + each * 6 + dice.random() * 3, lasting(600, 0.3)) for each in range(200)], 2 * HOUR),
        Trace("fleet", burst(600, 10_000, 120, 0.8, 5), 2 * HOUR, most=500, slots=7),
    ]


def oracle_hours(trace, start=67.0):
    """Hours of workers for somebody who knows every arrival: each task starts at once, workers are packed perfectly, each start is paid, and
    a worker is kept through a gap that is shorter than a start."""
    changes = sorted([(arrival, 1) for arrival, _ in trace.tasks] + [(arrival + lasts, -1) for arrival, lasts in trace.tasks])
    # the worker of each level of the load, since when it is paid, and until when it was
    running, level, since, until, total = 0, 0, {}, {}, 0.0
    for now, change in changes:
        running += change
        needed = math.ceil(running / trace.slots)
        while level < needed:
            level += 1
            kept = level in until and now - until[level] < start
            since[level] = until[level] if kept else now - start
        while level > needed:
            total += now - since[level]
            until[level] = now
            level -= 1
    return total / HOUR
