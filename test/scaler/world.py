"""ECS, Celery and the database as the scaler sees them. Before every call of it something else may happen: a schedule says what."""

import contextlib
import importlib.util
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

PROGRAM = Path(__file__).parents[2] / "src" / "scaler" / "scaler.py"
LEASE = 2880 * 60


def load(change=lambda text: text):
    """The scaler's program as a module, with a change in it: a mistake that has to be noticed."""
    spec = importlib.util.spec_from_loader("scaler", loader=None)
    module = importlib.util.module_from_spec(spec)
    exec(compile(change(PROGRAM.read_text()), str(PROGRAM), "exec"), module.__dict__)  # noqa: S102
    return module


class Crash(Exception):
    """The scaler is killed here."""


class Away(Exception):
    """Redis or ECS does not answer."""


class Violation(Exception):
    """An invariant of the protocol does not hold."""


@dataclass
class Worker:
    number: int
    definition: str
    placed: float
    running: bool = False
    stopped: bool = False
    healthy: bool = False
    started: float = 0
    protected: float = 0
    admitted: bool = False
    consuming: bool = False
    # what it has taken from the broker and does not show yet; what it shows; what the database knows of that
    in_flight: int = 0
    active: int = 0
    known: int = 0

    @property
    def arn(self):
        return f"arn/{self.number}"

    @property
    def address(self):
        return f"10.0.0.{self.number}"

    @property
    def busy(self):
        return self.in_flight + self.active > 0


@dataclass
class World:
    scaler: object
    schedule: list = field(default_factory=list)
    slots: int = 2
    least: int = 0
    most: int = 4
    hold: int = 20
    age: int = 0
    drained_within: int = 10**6
    now: float = 1000
    waiting: int = 0
    done: int = 0
    arrived: int = 0
    desired: int = 1
    definition: str = "r1"
    redis: bool = True
    ecs: bool = True
    deployments: int = 0
    seen_rolling: bool = False
    log: list = field(default_factory=list)

    def __post_init__(self):
        self.workers = []
        self.deployed = self.now
        self.restart()

    def restart(self):
        spec = {
            "name": "pool", "service": "service", "queues": ["default"], "slots": self.slots, "min": self.least, "max": self.most, "hold": self.hold,
            "prewarm": 0, "drained_within": self.drained_within, "age": self.age,
        }
        self.scaler.log = lambda *parts: self.log.append(" ".join(map(str, parts)))
        self.pool = self.scaler.Pool(spec, Ecs(self), Celery(self), self.now, lambda: self.now)

    # what happens beside the scaler

    @property
    def alive(self):
        return [worker for worker in self.workers if not worker.stopped]

    @property
    def rolling(self):
        return any(worker.definition != self.definition for worker in self.alive)

    def event(self, number):
        """One thing that ECS, the broker, a worker or a user does."""
        events = [
            self.arrive, self.accept, self.show, self.record, self.finish, self.place, self.start, self.place, self.start, self.accept, self.show,
            self.turn_redis, self.turn_ecs, self.crash, self.deploy,
        ]
        if number < len(events):
            events[number]()

    def arrive(self):
        self.waiting += 1
        self.arrived += 1

    def accept(self):
        for worker in self.alive:
            if worker.running and worker.consuming and self.redis and self.waiting and worker.in_flight + worker.active < self.slots:
                self.waiting -= 1
                worker.in_flight += 1
                return

    def show(self):
        for worker in self.alive:
            worker.active, worker.in_flight = worker.active + worker.in_flight, 0

    def record(self):
        for worker in self.alive:
            worker.known = worker.active

    def finish(self):
        for worker in self.alive:
            if worker.active:
                worker.active -= 1
                worker.known = min(worker.known, worker.active)
                self.done += 1
                return

    def place(self):
        """ECS starts and stops tasks until there are as many as desired: those that are not protected, and in a deployment the old ones."""
        fresh = [worker for worker in self.alive if worker.definition == self.definition]
        if len(fresh) < self.desired and len(self.alive) < 2 * self.desired:
            self.workers.append(Worker(len(self.workers) + 1, self.definition, self.now))
            return
        if not self.rolling:
            surplus = len(self.alive) - self.desired
            free = [worker for worker in self.alive if worker.protected <= self.now]
        else:
            surplus = sum(worker.healthy for worker in fresh) + len(self.alive) - len(fresh) - self.desired
            free = [worker for worker in self.alive if worker.protected <= self.now and worker not in fresh]
        if surplus > 0 and free:
            self.stop(max(free, key=lambda worker: (worker.busy, worker.number)))

    def stop(self, worker):
        if worker.busy and (worker.admitted or not self.rolling):
            raise Violation(f"a busy worker was stopped: {worker}")
        # one that the scaler has not seen before a deployment can be stopped in it; its tasks are tried again
        self.waiting += worker.in_flight + worker.active
        worker.stopped, worker.running, worker.consuming, worker.in_flight, worker.active, worker.known = True, False, False, 0, 0, 0

    def start(self):
        for worker in self.alive:
            if not worker.running and self.now > worker.placed:  # no task starts within a tick
                worker.running, worker.consuming, worker.started = True, True, self.now
                return
            if not worker.healthy:
                worker.healthy = True
                return

    def turn_redis(self):
        self.redis = not self.redis

    def turn_ecs(self):
        self.ecs = not self.ecs

    def crash(self):
        raise Crash

    def deploy(self):
        if not self.rolling and self.deployments < 2:
            self.deployments += 1
            self.definition, self.deployed = f"r{self.deployments + 1}", self.now

    def meanwhile(self):
        if self.schedule:
            self.event(self.schedule.pop(0))

    # what the scaler does

    def tick(self):
        self.now += 10
        self.show()  # what was on its way ten seconds ago has arrived
        busy = {worker.address: worker.known for worker in self.alive if worker.known}
        queues = [self.scaler.Queue(self.waiting, sum(worker.known for worker in self.alive), 0, 0, 0)]
        try:
            self.pool.tick(self.now, queues, busy)
        except Crash:
            self.restart()
        except Away:
            pass
        self.log.append(f"{self.now}: {self.waiting} wait, {self.desired} desired, {[w.number for w in self.alive]}")

    def settle(self, ticks=60):
        """Everything gets its turn, and nothing new arrives."""
        self.schedule = []
        self.redis = self.ecs = True
        for _ in range(ticks):
            for _ in range(3 * self.most):
                for event in (self.place, self.start, self.accept, self.show, self.record, self.finish):
                    event()
            self.tick()


class Ecs:
    def __init__(self, world):
        self.world = world

    def ask(self):
        self.world.meanwhile()
        if not self.world.ecs:
            raise Away("ECS")

    def service(self, _):
        self.ask()
        world = self.world
        world.seen_rolling = world.rolling
        return world.scaler.Service(world.desired, world.definition, world.rolling, world.deployed)

    def tasks(self, _):
        self.ask()
        return [self.world.scaler.Task(w.arn, w.address, w.definition, w.running, w.healthy, w.started, w.protected) for w in self.world.alive]

    def protect(self, arns, seconds):
        self.ask()
        world, done = self.world, []
        for worker in world.alive:
            if worker.arn not in arns or not worker.running:
                continue
            protected = [each for each in world.alive if each.protected > world.now and each is not worker]
            if not seconds:
                self.check_idle(worker)
                worker.protected = 0
            elif len(protected) + 1 > world.desired:
                world.log.append(f"DEPLOYMENT_BLOCKED {worker.number}")
                continue
            else:
                worker.protected, worker.admitted = world.now + seconds, True
            done.append(worker.arn)
        return done

    def check_idle(self, worker):
        late = self.world.rolling and self.world.now - self.world.deployed > self.world.drained_within
        if not late and (worker.consuming or worker.busy):
            raise Violation(f"a worker was unprotected that takes tasks or has some: {worker}")

    def scale(self, _, desired):
        self.ask()
        world = self.world
        if desired < world.desired and world.seen_rolling:
            raise Violation("the number was lowered while a deployment is in progress")
        protected = sum(worker.protected > world.now for worker in world.alive)
        if desired < world.desired and desired < protected:
            raise Violation(f"there are {protected} protected workers, and {desired} are desired")
        if not world.least <= desired <= max(world.most, world.desired):
            raise Violation(f"{desired} workers are desired")
        world.desired = desired


class Celery:
    def __init__(self, world):
        self.world = world

    def answering(self, addresses=None):
        self.world.meanwhile()
        if not self.world.redis:
            raise Away("Redis")
        return [worker for worker in self.world.alive if worker.running and (addresses is None or worker.address in addresses)]

    def queues(self, addresses=None):
        return {worker.address: ["default"] if worker.consuming else [] for worker in self.answering(addresses)}

    def look(self, addresses):
        queues = self.queues(addresses)
        return {worker.address: (queues.get(worker.address), worker.active) for worker in self.answering(addresses) if worker.address in queues}

    def cordon(self, address, _):
        return self.turn(address, False)

    def uncordon(self, address, _):
        return self.turn(address, True)

    def turn(self, address, consuming):
        workers = self.answering([address])
        for worker in workers:
            worker.consuming = consuming
        self.world.meanwhile()  # done, and not answered yet
        return bool(workers)

    def end(self, address):
        for worker in self.answering([address]):
            self.world.stop(worker)


def run(scaler, schedule, **options):
    """What is wrong after a schedule, if anything."""
    world = World(scaler, list(schedule), **options)
    try:
        while world.schedule:
            world.tick()
            with contextlib.suppress(Crash):
                world.meanwhile()
        world.settle()
        if world.done != world.arrived:
            raise Violation(f"{world.arrived} tasks arrived and {world.done} are done")
        if (world.desired, len(world.alive)) != (world.least, world.least):
            raise Violation(f"there are {len(world.alive)} workers, {world.desired} are desired and {world.least} needed")
        if world.rolling or any(not worker.consuming for worker in world.alive):
            raise Violation("a worker is left over that takes nothing, or is old")
    except Violation as violation:
        return f"{violation} | " + " | ".join(world.log[-8:])
    return None


MUTANTS = {
    "nobody is told to take nothing": (
        "                self.workers.cordon(task.address, self.queues)\n            idle", "                pass\n            idle"),
    "one that takes tasks counts as idle": (
        "if queues:\n                self.workers.cordon(task.address, self.queues)\n            idle = queues == [] and tasks == 0", "idle = tasks == 0"),
    "idle once is enough": ("drained, protected = self.leaving[task.arn] >= 2", "drained, protected = self.leaving[task.arn] >= 1"),
    "unprotected before it is idle": ("if protected and (drained or late):", "if protected:"),
    "the time to drain is always over": ("late = now - service.since > self.drained_within", "late = True"),
    "lowered first": ("target = max(keep, len(tasks) - len(free))", "target = keep"),
    "lowered beside workers that are not protected": ("if exposed > 0 or", "if"),
    "lowered while workers are missing": ("exposed = max(0, desired - len(tasks)) + sum(", "exposed = sum("),
    "taken back without protection": ("self.ecs.protect([task.arn], LEASE) and self.workers.uncordon", "self.workers.uncordon"),
    "who leaves is forgotten after a crash": ("self.leaving.setdefault(task.arn, 0)", "pass"),
}


def mutant(name):
    """The program with one step of the protocol left out or done wrong."""
    before, after = MUTANTS[name]

    def change(text):
        if before not in text:
            raise ValueError(f"the program does not have what the mutant {name} changes")
        return text.replace(before, after, 1)

    return load(change)


def main():
    """Answers each line of standard input, a schedule with its mutant and options, with a line: what is wrong."""
    programs = {None: load()}
    print(json.dumps(sorted(MUTANTS)), flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        name = question.get("mutant")
        if name not in programs:
            programs[name] = mutant(name)
        print(json.dumps(run(programs[name], question["schedule"], **question.get("options", {}))), flush=True)


if __name__ == "__main__":
    main()
