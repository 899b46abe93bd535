"""What the packaged scaler and others make of the same tasks, as Markdown, and the limits that it keeps."""

import sys

from packaged import Packaged
from peers import CpuTracking, Mwaa, StepScaling
from simulation import Simulation
from traces import HOUR, Trace, oracle_hours, traces

CONTROLLERS = (Packaged, CpuTracking, StepScaling, Mwaa)
DRAWS = 200
# dollars: everything but the workers for a month, and an hour of a worker with 1 vCPU and 4 GiB on ARM64
FIXED_MONTH, WORKER_HOUR = 110.0, 0.03238 + 4 * 0.00356
DAYS = 30.4
# tasks at once that the largest class of MWAA was measured to run (dgghosalaws/mwaa-openlineage-cdk)
MOST_OF_MWAA = 3150
# shares of the oracle's bill
LIMITS = {"nightly": 1.05, "steady": 1.05, "mixed": 1.05, "idle": 1.05, "day": 1.10, "spiky": 1.15}


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def bill(trace, hours):
    """Of the days that the trace takes, one at least."""
    return FIXED_MONTH / DAYS * max(1, trace.horizon / HOUR / 24) + hours * WORKER_HOUR


def one_more_worker(controller, seed):
    """Two workers are full for long, and one more task arrives."""
    start = 900.0 + seed % 60 + seed / DRAWS
    it = Simulation(Trace("one more", [(0.0, 9000.0)] * 8 + [(start, 30.0)], 2400, most=10), controller(), seed).run()
    return it.waits[-1]


def two_hundred_more_slots(controller, seed):
    """Forty slots are full for long, and 200 tasks arrive."""
    start = 900.0 + seed % 60 + seed / DRAWS
    it = Simulation(Trace("200 more", [(0.0, 9000.0)] * 40 + [(start, 9000.0)] * 200, 2400, most=100), controller(), seed).run()
    return it.starts[239] - start


# a share of the draws, and the seconds that they may take
STARTS = {"one more worker": (one_more_worker, 0.95, 100), "200 more slots": (two_hundred_more_slots, 0.5, 90)}


def markdown(header, rows):
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in [header, ["---"] * len(header), *rows]) + "\n"


def starts(problems):
    rows = []
    for name, (measure, share, limit) in STARTS.items():
        for controller in CONTROLLERS:
            # full workers whose tasks wait for other systems are over the target for ever: there is no moment that more are needed from
            if (controller, measure) == (CpuTracking, one_more_worker):
                continue
            seconds = [measure(controller, seed) for seed in range(DRAWS)]
            rows.append([name, controller.name, *(f"{quantile(seconds, each):.0f}" for each in (0.5, 0.95, 1))])
            if controller is Packaged and quantile(seconds, share) > limit:
                problems.append(f"{name}: {quantile(seconds, share):.0f} s at {share}, more than {limit} s")
    return markdown(["until it works, s", "", "p50", "p95", "max"], rows)


def loads(names, problems):
    rows, far = [], []
    for trace in traces():
        if names and trace.name not in names:
            continue
        oracle = oracle_hours(trace)
        rows.append([trace.name, "oracle", 0, 0, 0, f"{oracle:.1f}", "", 0, ""])
        for controller in CONTROLLERS:
            it = Simulation(trace, controller()).run()
            share = bill(trace, it.hours) / bill(trace, oracle)
            waits = (f"{quantile(it.waits, each):.0f}" for each in (0.5, 0.95, 1))
            rows.append(["", controller.name, *waits, f"{it.hours:.1f}", f"{100 * share - 100:+.1f} %", it.killed, max(it.workers_reached)])
            if trace.name == "fleet":
                far.append([controller.name, *far_of(it)])
            if controller is Packaged:
                problems.extend(problems_of(it, share))
    table = markdown(["load", "", "wait p50, s", "p95", "max", "worker hours", "whole bill", "killed", "most workers"], rows)
    header = ["10,000 tasks at once", "most at once", f"{MOST_OF_MWAA:,} at once after, s", "500 workers after, s", "all started after, s"]
    return table + ("\n" + markdown(header, far) if far else "")


def far_of(it):
    since = it.trace.tasks[0][0]
    reached = (it.running_reached.get(MOST_OF_MWAA), it.workers_reached.get(it.trace.most), it.starts[-1])
    return [max(it.running_reached), *(f"{time - since:.0f}" if time else "never" for time in reached)]


def problems_of(it, share):
    name, limit, requests = it.trace.name, LIMITS.get(it.trace.name), it.controller.most_requests
    print(f"{name}: the scaler sent {requests} requests to ECS in a tick at most", file=sys.stderr)
    return [
        *([f"{name}: {it.killed} tasks were killed"] if it.killed else []),
        *([f"{name}: {it.unfinished} tasks never started"] if it.unfinished else []),
        *([f"{name}: the bill is {share:.3f} of the oracle's, more than {limit}"] if limit and share > limit else []),
    ]


def main(names):
    problems = []
    print(loads(names, problems))
    if not names:
        print(starts(problems))
    for problem in problems:
        print(problem)
    return 1 if problems else 0
