"""Airflow, and one service of workers on Fargate, as events in time. Figures that are not known are marked so."""

import heapq
import math
import random
from dataclasses import dataclass, field

# seconds
FARGATE_MEDIAN, FARGATE_SIGMA = 57.0, 0.06  # an image of 413 MB in a private subnet, created to started: 53 to 62 s of ten (elasticscale.com, 2024)
WORKER_READY = (8.0, 12.0)  # measured 5.2 s on two fast cores, taken twice for 1 vCPU
ECS_REACTS = (2.0, 8.0)  # until ECS places a task: an assumption
ECS_LOOKS = 10.0  # how often ECS stops what is too much: an assumption
LAUNCH_BURST, LAUNCH_RATE = 100, 20.0  # starts of tasks on Fargate (ECS guide, request throttling)
SCHEDULER_LOOP = 1.0  # a scheduler queues up to `max_tis_per_query` tasks in one
TASK_START = 0.4  # measured, from queued to running
STOP_TIMEOUT = 110.0  # of the 120 s that Fargate gives, without the exit of a worker
HEARTBEAT_TIMEOUT = 300.0  # after which a task that was killed is tried again


@dataclass(eq=False)
class Worker:
    number: int
    born: float
    ready: float | None = None
    gone: float | None = None
    consuming: bool = True
    stopping: bool = False
    # ends of protection, by ECS's clock
    protected: float = 0
    active: dict = field(default_factory=dict)

    def serves(self, slots):
        return self.ready is not None and self.consuming and len(self.active) < slots


class Simulation:
    """One pool of workers with its controller, which calls `scale` and may protect, cordon and end workers."""

    def __init__(self, trace, controller, seed=1):
        self.dice, self.trace, self.controller = random.Random(seed), trace, controller
        self.now, self.events, self.order = 0.0, [], 0
        self.slots, self.least, self.most = trace.slots, controller.least, trace.most
        # what the library renders: Airflow's default, and 64 above 100 slots
        self.batch = 64 if self.most * self.slots > 100 else 16
        self.scheduled, self.queue, self.workers, self.gone = [], [], [], []
        self.scheduling = False
        self.desired = controller.least
        self.waits, self.starts, self.running, self.killed = [], [], 0, 0
        # when there were so many for the first time
        self.workers_reached, self.running_reached = {0: 0.0}, {0: 0.0}
        self.tokens, self.filled = LAUNCH_BURST, 0.0
        for _ in range(self.least):
            self.ready(self.launch())
        for arrival, lasts in trace.tasks:
            self.at(arrival, self.arrive, arrival, lasts)
        controller.begin(self)
        self.after(ECS_LOOKS, self.stop_surplus)

    def at(self, time, event, *arguments):
        self.order += 1
        heapq.heappush(self.events, (time, self.order, event, arguments))

    def after(self, seconds, event, *arguments):
        self.at(self.now + seconds, event, *arguments)

    def between(self, bounds):
        return self.dice.uniform(*bounds)

    def run(self):
        while self.events and self.events[0][0] <= self.trace.horizon:
            self.now, _, event, arguments = heapq.heappop(self.events)
            event(*arguments)
        self.now = self.trace.horizon
        for worker in list(self.workers):
            self.remove(worker)
        return self

    # Airflow

    def arrive(self, arrival, lasts):
        self.scheduled.append((arrival, lasts))
        if not self.scheduling:
            self.scheduling = True
            self.after(SCHEDULER_LOOP * self.dice.random(), self.schedule)

    def schedule(self):
        taken, self.scheduled = self.scheduled[: self.batch], self.scheduled[self.batch :]
        self.queue += [(arrival, lasts, self.now) for arrival, lasts in taken]
        self.dispatch()
        self.scheduling = bool(self.scheduled)
        if self.scheduling:
            self.after(SCHEDULER_LOOP, self.schedule)

    def dispatch(self):
        free = [worker for worker in self.workers if worker.serves(self.slots)] if self.queue else []
        started = 0
        while started < len(self.queue) and free:
            worker = self.dice.choice(free)
            arrival, lasts, _ = self.queue[started]
            started += 1
            task = object()
            worker.active[task] = (arrival, lasts)
            self.running += 1
            self.running_reached.setdefault(self.running, self.now)
            self.waits.append(self.now - arrival)
            self.starts.append(self.now)
            self.after(TASK_START + lasts, self.finish, worker, task)
            if not worker.serves(self.slots):
                free.remove(worker)
        del self.queue[:started]

    def finish(self, worker, task):
        if worker.active.pop(task, None):
            self.running -= 1
            self.dispatch()

    # ECS

    def scale(self, desired):
        desired = max(self.least, min(self.most, int(desired)))
        if desired != self.desired:
            self.desired = desired
            self.after(self.between(ECS_REACTS), self.place)

    def place(self):
        while len(self.workers) < self.desired:
            self.tokens, self.filled = min(LAUNCH_BURST, self.tokens + (self.now - self.filled) * LAUNCH_RATE), self.now
            if self.tokens < 1:
                self.after(1, self.place)
                return
            self.tokens -= 1
            worker = self.launch()
            start = self.controller.start_of_worker(self.dice) or self.dice.lognormvariate(math.log(FARGATE_MEDIAN), FARGATE_SIGMA) + self.between(WORKER_READY)
            self.after(start, self.ready, worker)

    def launch(self):
        worker = Worker(len(self.workers) + len(self.gone), self.now)
        self.workers.append(worker)
        return worker

    def ready(self, worker):
        if worker.gone is None:
            worker.ready = self.now
            self.workers_reached.setdefault(sum(each.ready is not None for each in self.workers), self.now)
            self.dispatch()

    def stop_surplus(self):
        staying = [worker for worker in self.workers if not worker.stopping]
        may = [worker for worker in staying if self.controller.may_stop(worker)]
        for worker in self.dice.sample(may, min(len(may), max(0, len(staying) - self.desired))):
            self.stop(worker)
        self.after(ECS_LOOKS, self.stop_surplus)

    def stop(self, worker):
        """SIGTERM: it takes nothing more, and has a while for what it runs."""
        worker.consuming, worker.stopping = False, True
        if worker.active:
            self.after(STOP_TIMEOUT, self.kill, worker)
        else:
            self.remove(worker)

    def kill(self, worker):
        for _, lasts in worker.active.values():
            self.killed += 1
            self.running -= 1
            self.after(HEARTBEAT_TIMEOUT, self.arrive, self.now + HEARTBEAT_TIMEOUT, lasts)
        worker.active.clear()
        self.remove(worker)

    def remove(self, worker):
        if worker.gone is None:
            worker.gone = self.now
            self.workers.remove(worker)
            self.gone.append(worker)
            self.after(self.between(ECS_REACTS), self.place)

    # figures

    @property
    def unfinished(self):
        return len(self.trace.tasks) - (len(self.waits) - self.killed)

    @property
    def hours(self):
        return sum(worker.gone - worker.born for worker in self.gone) / 3600
