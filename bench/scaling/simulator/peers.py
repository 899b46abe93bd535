"""How others scale workers: by CPU, by steps of a backlog, and as Amazon MWAA is seen to do it."""

import math

# seconds
METRIC_VISIBLE = (1.0, 3.0)  # from a metric to its alarm: an assumption
ALARM_ACTS = (1.0, 5.0)  # from an alarm to ECS, by way of Application Auto Scaling: an assumption
ACTS_AGAIN = 60.0  # an alarm acts again once a minute while it lasts (AWS re:Post)
MWAA_START = (180.0, 225.0)  # so that one more worker takes 240 to 270 s, as was measured
CPU_OF_TASK, CPU_OF_WORKER = 20, 3  # percent of a worker: tasks that wait for other systems most of the time
STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 29, 38, 50, 66, 87, 115, 152, 200, 264)  # 20, as many as a policy has


class Alarm:
    """Acts when `number` periods in a row breach."""

    def __init__(self, simulation, period, number, breaches, act, statistic=max):
        self.simulation, self.period, self.number, self.breaches, self.act, self.statistic = simulation, period, number, breaches, act, statistic
        self.values, self.lasts, self.acted = [], False, -math.inf
        simulation.after(period * (1 + simulation.dice.random()), self.evaluate)

    def put(self, value):
        time = self.simulation.now
        self.simulation.after(self.simulation.between(METRIC_VISIBLE), lambda: self.values.append((time, value)))

    def evaluate(self):
        now, period = self.simulation.now, self.period
        edge = now // period * period
        seen = []
        # a value that comes late does not blind it
        for back in range(self.number + 3):
            values = [value for time, value in self.values if edge - (back + 1) * period <= time < edge - back * period]
            seen += [self.statistic(values)] if values else []
        self.values = [(time, value) for time, value in self.values if time > now - period * (self.number + 5)]
        seen = seen[: self.number]
        breached = len(seen) == self.number and all(map(self.breaches, seen))
        if breached and (not self.lasts or now - self.acted >= ACTS_AGAIN):
            self.acted = now
            self.simulation.after(self.simulation.between(ALARM_ACTS), self.act, seen[0])
        self.lasts = breached
        self.simulation.after(period, self.evaluate)


class Peer:
    every = 10.0

    def begin(self, simulation):
        self.simulation = simulation
        self.prepare()
        simulation.after(self.every * simulation.dice.random(), self.tick)

    def prepare(self):
        pass

    def tick(self):
        self.look()
        self.simulation.after(self.every, self.tick)

    def may_stop(self, worker):
        """Somebody sees to it that ECS stops idle ones only."""
        return worker.ready is not None and not worker.active

    def start_of_worker(self, _):
        return None

    def needed(self):
        """`scheduled` tasks count, too."""
        it = self.simulation
        return math.ceil((len(it.queue) + it.running + len(it.scheduled)) / it.slots)

    def ready(self):
        return [worker for worker in self.simulation.workers if worker.ready is not None]


class CpuTracking(Peer):
    """Target tracking of 70 %: three minutes out, 15 in. Nobody protects workers, as is usual."""

    name, least, every, target = "CPU tracking", 1, 60.0, 70

    def prepare(self):
        self.out_until = self.in_until = 0.0
        self.high = Alarm(self.simulation, 60, 3, lambda value: value > self.target, self.scale_out)
        self.low = Alarm(self.simulation, 60, 15, lambda value: value < 0.9 * self.target, self.scale_in)

    def look(self):
        ready = self.ready()
        if ready:
            cpu = sum(min(100, CPU_OF_WORKER + CPU_OF_TASK * len(worker.active)) for worker in ready) / len(ready)
            self.high.put(cpu)
            self.low.put(cpu)

    def scale_out(self, cpu):
        it = self.simulation
        if it.now >= self.out_until:
            self.out_until = it.now + 60
            it.scale(math.ceil(it.desired * cpu / self.target))

    def scale_in(self, cpu):
        it = self.simulation
        if it.now >= max(self.in_until, self.out_until):
            self.in_until = it.now + 300
            gradual = math.ceil(it.desired * 0.75) if it.desired > 4 else it.desired - 1
            it.scale(max(math.ceil(it.desired * cpu / self.target), gradual))

    def may_stop(self, worker):
        return worker.ready is not None


class StepScaling(Peer):
    """Alarms of ten seconds and one minute on how many workers are missing and too many, from the running count, which is where AWS starts."""

    name, least = "step scaling", 0

    def prepare(self):
        self.out_until = self.in_until = self.added = 0
        self.missing = Alarm(self.simulation, 10, 1, lambda value: value >= 1, self.scale_out)
        self.surplus = Alarm(self.simulation, 60, 3, lambda value: value >= 1, self.scale_in, statistic=min)

    def look(self):
        it = self.simulation
        needed, ready = min(it.most, self.needed()), len(self.ready())
        self.missing.put(needed - ready)
        self.surplus.put(max(it.desired, ready) - needed)

    def scale_out(self, missing):
        it = self.simulation
        step = self.step(missing)
        # within the cooldown only what is more than before is added
        add = max(0, step - self.added) if it.now < self.out_until else step
        self.added = max(self.added, step) if it.now < self.out_until else step
        if add:
            self.out_until = it.now + 60
            it.scale(max(it.desired, len(self.ready()) + add))

    def scale_in(self, surplus):
        it = self.simulation
        if it.now >= self.in_until:
            self.in_until = it.now + 60
            it.scale(max(0, len(self.ready()) - self.step(surplus)))

    @staticmethod
    def step(value):
        return max((step for step in STEPS if step <= value), default=0)


class Mwaa(Peer):
    """Adds workers once a minute, and goes back to the least number when nothing has waited or run for two minutes."""

    name, least, every = "MWAA-like", 1, 60.0

    def prepare(self):
        self.quiet = 0

    def look(self):
        it = self.simulation
        needed = math.ceil((len(it.queue) + it.running) / it.slots)
        self.quiet = self.quiet + 1 if needed == 0 else 0
        if needed > it.desired:
            it.scale(needed)
        elif self.quiet >= 2:
            it.scale(self.least)

    def start_of_worker(self, dice):
        return dice.uniform(*MWAA_START)
