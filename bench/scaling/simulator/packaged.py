"""The program of the package, as it is, in a simulation: it asks the simulation's database, its ECS and its Celery."""

import importlib.util
import math
from datetime import UTC, datetime
from pathlib import Path

PROGRAM = Path(__file__).parents[3] / "src" / "scaler" / "scaler.py"
QUEUE = "default"
REVISION = "revision/1"
PREWARM_WINDOW = 90
# seconds that one request takes: assumptions
ECS_REQUEST, BROADCAST = 0.05, 0.05


def load():
    spec = importlib.util.spec_from_file_location("scaler", PROGRAM)
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    program.log = lambda *parts: None
    return program


SCALER = load()


class Packaged:
    """With the defaults of `WorkerScaling.onQueue`, from zero."""

    name, least = "this scaler", 0

    def __init__(self, hold=120, prewarm=1):
        self.options = {"hold": hold, "prewarm": prewarm, "drained_within": 7200, "age": 86400}
        self.most_requests = self.longest_tick = 0

    def begin(self, simulation):
        self.simulation, self.spent, self.requests = simulation, 0.0, 0
        pool = {"name": "worker", "service": "worker", "queues": [QUEUE], "slots": simulation.slots, "min": self.least, "max": simulation.most, **self.options}
        parallelism = math.ceil(simulation.most * simulation.slots * 1.25)
        config = {"environment": "simulation", "parallelism": str(parallelism), "schedulers": 1, "served": [QUEUE], "pools": [pool], "triggerers": []}
        ecs = SCALER.Ecs.__new__(SCALER.Ecs)
        ecs.client, ecs.cluster = EcsClient(self), "cluster"
        self.scaler = SCALER.Scaler(config, ecs, Celery(self), Database(self), 0)
        for each in self.scaler.pools:
            each.clock = lambda: simulation.now + self.spent
        simulation.after(SCALER.EVERY * simulation.dice.random(), self.tick)

    def tick(self):
        self.spent, self.requests = 0.0, 0
        self.scaler.tick(self.simulation.now)
        self.most_requests, self.longest_tick = max(self.most_requests, self.requests), max(self.longest_tick, self.spent)
        self.simulation.after(self.spent + SCALER.EVERY, self.tick)

    def spend(self, seconds, requests=0):
        self.spent += seconds
        self.requests += requests

    def may_stop(self, worker):
        return worker.protected <= self.simulation.now

    def start_of_worker(self, _):
        return None


class Database:
    connection = True

    def __init__(self, controller):
        self.controller = controller

    def query(self, text):
        it = self.controller.simulation
        if text == SCALER.LEADER:
            return [(True,)]
        if text == SCALER.DEMAND:
            oldest = it.now - it.queue[0][2] if it.queue else 0
            return [(QUEUE, len(it.queue), it.running, len(it.scheduled), int(oldest))]
        if text == SCALER.SOON:
            return [(QUEUE, tasks) for due, tasks in it.trace.runs if it.now <= due <= it.now + PREWARM_WINDOW]
        if text == SCALER.HOSTS:
            return [(address(worker), len(worker.active)) for worker in it.workers if worker.active]
        raise ValueError(f"the simulation has no answer to {text}")


class EcsClient:
    """Refuses protection as ECS does: where more tasks would be protected than desired."""

    def __init__(self, controller):
        self.controller = controller
        self.simulation = controller.simulation

    def request(self, arns=None):
        self.controller.spend(ECS_REQUEST, 1)
        return [worker for worker in self.simulation.workers if arns is None or arn(worker) in arns]

    def describe_services(self, cluster, services):
        self.request()
        deployment = {"status": "PRIMARY", "taskDefinition": REVISION, "rolloutState": "COMPLETED"}
        return {"services": [{"desiredCount": self.simulation.desired, "taskDefinition": REVISION, "deployments": [deployment]}]}

    def get_paginator(self, _):
        return self

    def paginate(self, cluster, serviceName):  # noqa: N803
        return [{"taskArns": arns} for arns in SCALER.batches([arn(worker) for worker in self.request()], 100)]

    def describe_tasks(self, cluster, tasks):
        return {"tasks": [
            {"taskArn": arn(worker), "taskDefinitionArn": REVISION, "lastStatus": "PENDING" if worker.ready is None else "RUNNING", "healthStatus": "HEALTHY",
             "startedAt": worker.ready and date(worker.ready), "attachments": [{"details": [{"name": "privateIPv4Address", "value": address(worker)}]}]}
            for worker in self.request(set(tasks))]}  # fmt: skip

    def get_task_protection(self, cluster, tasks):
        return {"protectedTasks": [
            {"taskArn": arn(worker), "protectionEnabled": worker.protected > self.simulation.now, "expirationDate": date(worker.protected)}
            for worker in self.request(set(tasks))]}  # fmt: skip

    def update_task_protection(self, cluster, tasks, protectionEnabled, expiresInMinutes=0):  # noqa: N803
        answer = {"protectedTasks": [], "failures": []}
        now, desired = self.simulation.now, self.simulation.desired
        for worker in self.request(set(tasks)):
            others = sum(other.protected > now for other in self.simulation.workers if other is not worker)
            if protectionEnabled and others + 1 > desired:
                answer["failures"].append({"arn": arn(worker), "reason": "DEPLOYMENT_BLOCKED"})
            else:
                worker.protected = now + expiresInMinutes * 60 if protectionEnabled else 0
                answer["protectedTasks"].append({"taskArn": arn(worker)})
        return answer

    def update_service(self, cluster, service, desiredCount):  # noqa: N803
        self.request()
        self.simulation.scale(desiredCount)


class Celery(SCALER.Workers):
    """Its remote control, at the place where the program gives it to the broker."""

    def __init__(self, controller):
        super().__init__("broker")
        self.controller = controller

    def ask(self, command, nodes=None, reply=True, **arguments):
        simulation = self.controller.simulation
        self.controller.spend(BROADCAST)
        asked = [worker for worker in simulation.workers if worker.ready is not None and (nodes is None or node(worker) in nodes)]
        answers = {node(worker): self.answer(worker, command) for worker in asked}
        if command == "add_consumer":
            simulation.dispatch()
        return answers

    def answer(self, worker, command):
        if command == "active_queues":
            return [{"name": QUEUE}] if worker.consuming else []
        if command in ("active", "reserved"):
            return list(worker.active) if command == "active" else []
        if command in ("add_consumer", "cancel_consumer"):
            worker.consuming = command == "add_consumer"
            return {"ok": ""}
        if command == "shutdown":
            return self.controller.simulation.stop(worker)
        raise ValueError(f"the simulation does not know the command {command}")


def arn(worker):
    return f"task/{worker.number}"


def address(worker):
    return f"10.{worker.number >> 16}.{worker.number >> 8 & 255}.{worker.number & 255}"


def node(worker):
    return f"celery@ip-{address(worker).replace('.', '-')}"


def date(seconds):
    return datetime.fromtimestamp(seconds, UTC)
