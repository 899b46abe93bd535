import collections, ipaddress, json, math, os, random, re, shlex, signal, socket, subprocess, threading, time

EVERY, MINUTE, HOUR = 10, 60, 3600
LEASE, RENEWED_BELOW = 2880 * MINUTE, 24 * HOUR
LOOK_FOR_STRAYS = 5 * MINUTE

DEMAND = """
    select queue, count(*) filter (where state = 'queued'), count(*) filter (where state in ('running', 'restarting')),
        count(*) filter (where state = 'scheduled'),
        coalesce(extract(epoch from now() - min(queued_dttm) filter (where state = 'queued')), 0)::int
    from task_instance where state in ('queued', 'running', 'restarting', 'scheduled')
        and (executor is null or executor in ('CeleryExecutor', 'airflow.providers.celery.executors.celery_executor.CeleryExecutor'))
    group by queue"""
SOON = """
    select task.queue, count(*) from dag
    cross join lateral (select run_id from dag_run where dag_id = dag.dag_id order by run_after desc limit 1) last
    join task_instance task on task.dag_id = dag.dag_id and task.run_id = last.run_id
    where not dag.is_paused and not dag.is_stale and dag.next_dagrun_create_after between now() and now() + interval '90 s'
    group by task.queue"""
HOSTS = "select hostname, count(*) from task_instance where state in ('running', 'restarting') group by hostname"
TRIGGERS = "select count(*) from trigger"
LEADER = "select pg_try_advisory_lock(hashtext('serverless-airflow scaler'))"

Queue = collections.namedtuple('Queue', 'queued running scheduled oldest soon', defaults=[0] * 5)
Service = collections.namedtuple('Service', 'desired definition rolling since')
Task = collections.namedtuple('Task', 'arn address definition running healthy started protected')


def log(*parts):
    print(*parts, flush=True)


class Ecs:
    def __init__(self, cluster):
        import botocore.config, botocore.session
        config = botocore.config.Config(retries={'mode': 'standard', 'max_attempts': 3}, connect_timeout=5, read_timeout=10)
        self.client = botocore.session.get_session().create_client('ecs', config=config)
        self.cluster = cluster

    def service(self, service):
        found = self.client.describe_services(cluster=self.cluster, services=[service])['services'][0]
        primary = next(each for each in found['deployments'] if each['status'] == 'PRIMARY')
        rolling = len(found['deployments']) > 1 or primary.get('rolloutState') == 'IN_PROGRESS'
        since = max(seconds(each.get('createdAt')) for each in found['deployments'])
        return Service(found['desiredCount'], primary.get('taskDefinition', found['taskDefinition']), rolling, since)

    def tasks(self, service):
        pages = self.client.get_paginator('list_tasks').paginate(cluster=self.cluster, serviceName=service)
        arns = [arn for page in pages for arn in page['taskArns']]
        tasks, leases = [], {}
        for some in batches(arns, 100):
            tasks += self.client.describe_tasks(cluster=self.cluster, tasks=some)['tasks']
            for each in self.client.get_task_protection(cluster=self.cluster, tasks=some)['protectedTasks']:
                leases[each['taskArn']] = seconds(each.get('expirationDate')) if each['protectionEnabled'] else 0
        return [Task(each['taskArn'], address_of(each), each['taskDefinitionArn'], each['lastStatus'] == 'RUNNING', each.get('healthStatus') == 'HEALTHY',
                     seconds(each.get('startedAt')), leases.get(each['taskArn'], 0)) for each in tasks]

    def protect(self, arns, seconds):
        done = []
        for some in batches(arns, 10):
            lease = {'protectionEnabled': True, 'expiresInMinutes': seconds // MINUTE} if seconds else {'protectionEnabled': False}
            answer = self.client.update_task_protection(cluster=self.cluster, tasks=some, **lease)
            done += [each['taskArn'] for each in answer['protectedTasks']]
            for failure in answer['failures']:
                log('protection of', failure['arn'].split('/')[-1], 'stays as it is:', failure['reason'])
        return done

    def scale(self, service, desired):
        self.client.update_service(cluster=self.cluster, service=service, desiredCount=desired)

    def gone(self):
        from urllib.request import urlopen
        with urlopen(os.environ['ECS_CONTAINER_METADATA_URI_V4'] + '/task', timeout=5) as answer:  # noqa: S310 (the agent's own address)
            own = json.load(answer)['TaskARN']
        task = self.client.describe_tasks(cluster=self.cluster, tasks=[own])['tasks'][0]
        return self.service(task['group'].removeprefix('service:')).desired == 0


class Workers:
    def __init__(self, broker):
        self.broker, self.control, self.nodes = broker, None, {}

    def ask(self, command, nodes=None, reply=True, **arguments):
        try:
            if self.control is None:
                import celery
                options = {'socket_timeout': 5, 'socket_connect_timeout': 5}
                app = celery.Celery(broker=self.broker, set_as_current=False)
                app.conf.update(broker_transport_options=options, broker_connection_retry=False)
                self.control = app.control
            answers = self.control.broadcast(command, arguments, destination=nodes, reply=reply, timeout=2)
        except Exception:
            self.control = None
            raise
        return {node: answer for each in answers or [] for node, answer in each.items()}

    def queues(self, addresses=None):
        nodes = addresses and [self.nodes[each] for each in addresses if each in self.nodes]
        answers = self.ask('active_queues', nodes if nodes and len(nodes) == len(addresses) else None)
        self.nodes.update({address_of_node(node): node for node in answers})
        return {address_of_node(node): [each['name'] for each in queues] for node, queues in answers.items()}

    def look(self, addresses):
        queues = self.queues(addresses)
        nodes = [self.nodes[each] for each in addresses if each in queues]
        active, reserved = (self.ask(command, nodes) if nodes else {} for command in ('active', 'reserved'))
        addresses = {node: address_of_node(node) for node in nodes if node in active and node in reserved}
        return {address: (queues[address], len(active[node]) + len(reserved[node])) for node, address in addresses.items()}

    def cordon(self, address, queues):
        return all([self.order('cancel_consumer', address, queue) for queue in queues])

    def uncordon(self, address, queues):
        return all([self.order('add_consumer', address, queue) for queue in queues])

    def order(self, command, address, queue):
        node = self.nodes.get(address)
        return bool(node) and 'ok' in self.ask(command, [node], queue=queue).get(node, {})

    def end(self, address):
        if address in self.nodes:
            self.ask('shutdown', [self.nodes[address]], reply=False)


class Pool:
    def __init__(self, spec, ecs, workers, born, clock=time.time):
        self.__dict__.update(spec)
        self.ecs, self.workers, self.born, self.clock = ecs, workers, born, clock
        self.history = collections.deque()
        self.leaving = {}
        self.looked = -LOOK_FOR_STRAYS
        self.desired = self.running = 0

    def say(self, *parts):
        log(f'{self.name}:', *parts)

    def tick(self, now, queues, busy):
        wanted = sum(queue.queued + queue.running for queue in queues)
        soon = min(self.prewarm, math.ceil(sum(queue.soon for queue in queues) / self.slots))
        need = self.within(max(math.ceil(wanted / self.slots), soon))
        spare = self.within(max(need, math.ceil(wanted / self.slots + 0.5) if wanted else 0))
        self.history.append((now, spare))
        while self.history[0][0] < now - self.hold:
            self.history.popleft()
        keep = max(number for _, number in self.history)
        service, tasks = self.ecs.service(self.service), self.ecs.tasks(self.service)
        self.desired, self.running = service.desired, sum(task.running for task in tasks)
        self.leaving = {task.arn: self.leaving[task.arn] for task in tasks if task.arn in self.leaving}
        desired = self.scale_out(now, service, need, tasks, busy)
        self.admit(now, desired, tasks)
        if service.rolling or any(task.definition != service.definition for task in tasks if task.running):
            self.roll(now, service, tasks, busy)
        else:
            self.scale_in(now, desired, keep, tasks, busy)

    def sleep(self, drain):
        running = [task for task in self.ecs.tasks(self.service) if task.running]
        self.ecs.protect([task.arn for task in running], drain)
        self.ecs.scale(self.service, 0)
        self.say(f'0 workers, because there are no schedulers; {len(running)} have {drain} s for what they run')
        self.workers.queues()
        for task in running:
            self.workers.end(task.address)

    def aged(self, task, now):
        return self.age and now - task.started > self.age

    def within(self, number):
        return max(self.min, min(self.max, number))

    def scale_out(self, now, service, need, tasks, busy):
        leavers = [] if service.rolling else [task for task in tasks if task.arn in self.leaving]
        present = service.desired if service.rolling else max(service.desired, len(tasks))
        missing = need - present + len(leavers)
        if missing > 0 and leavers:
            try:
                self.take_back(sorted((task for task in leavers if not self.aged(task, now)), key=lambda task: -busy.get(task.address, 0))[:missing])
            except Exception as error:
                self.say('takes nobody back:', type(error).__name__, str(error)[:300])
        leaving = sum(task.arn in self.leaving for task in leavers)
        desired = max(service.desired, min(self.max, service.desired + need - present + leaving))
        if desired == service.desired:
            return desired
        self.say(f'{service.desired} -> {desired} workers, because {need} are needed and {leaving} leave')
        self.ecs.scale(self.service, desired)
        return desired

    def admit(self, now, desired, tasks):
        protected = [task for task in tasks if task.protected > now]
        staying = [task for task in tasks if task.running and task.arn not in self.leaving]
        new = sorted((task for task in staying if task.protected <= now), key=lambda task: task.started)
        old = [task for task in staying if now < task.protected < now + RENEWED_BELOW]
        arns = [task.arn for task in new[:max(0, desired - len(protected))] + (old if len(protected) <= desired else [])]
        if arns:
            self.ecs.protect(arns, LEASE)

    def scale_in(self, now, desired, keep, tasks, busy):
        running = [task for task in tasks if task.running]
        surplus = max(0, desired - keep) if now - self.born >= self.hold else 0
        self.find_strays(now, running)
        aged = [task for task in running if self.aged(task, now)]
        wanted = surplus or (1 if aged else 0)
        candidates = running if surplus else aged
        order = sorted(candidates, key=lambda task: (task.arn not in self.leaving, task not in aged, busy.get(task.address, 0), task.started))
        self.lead_out(order[:wanted], 'it is too old' if not surplus else f'{keep} of {desired} workers are needed')
        self.take_back([task for task in running if task not in order[:wanted]])
        free = self.drain(now, [task for task in running if task.arn in self.leaving], busy)
        if surplus:
            self.lower(now, desired, keep, tasks, free)
        elif free:
            for task in free:
                self.say('ends', task.address, 'because it is too old; another one starts')
                self.workers.end(task.address)

    def roll(self, now, service, tasks, busy):
        running = [task for task in tasks if task.running]
        self.find_strays(now, running)
        fresh = [task for task in running if task.definition == service.definition]
        stale = [task for task in running if task not in fresh]
        stale.sort(key=lambda task: (task.arn not in self.leaving, busy.get(task.address, 0), task.started))
        self.take_back(fresh)
        ready = sum(task.healthy and task.arn not in self.leaving for task in fresh)
        late = now - service.since > self.drained_within
        wanted = len(stale) if late else max(0, ready + len(stale) - service.desired)
        self.lead_out(stale[:wanted], f'{ready} of the new revision work')
        self.drain(now, [task for task in stale if task.arn in self.leaving], busy, late)

    def find_strays(self, now, running):
        if now - self.looked < LOOK_FOR_STRAYS:
            return
        seen = self.workers.queues() if running else {}
        if running and not seen:
            return
        self.looked = now
        for task in running:
            if seen.get(task.address) == []:
                self.leaving.setdefault(task.arn, 0)

    def lead_out(self, tasks, reason):
        for task in tasks:
            if task.arn not in self.leaving:
                self.say('cordons', task.address, 'because', reason)
                self.leaving[task.arn] = 0
                self.workers.cordon(task.address, self.queues)

    def take_back(self, tasks):
        for task in tasks:
            if task.arn in self.leaving and self.ecs.protect([task.arn], LEASE) and self.workers.uncordon(task.address, self.queues):
                self.say('takes', task.address, 'back')
                del self.leaving[task.arn]

    def drain(self, now, leaving, busy, late=False):
        seen = self.workers.look([task.address for task in leaving]) if leaving else {}
        free = []
        for task in leaving:
            queues, tasks = seen.get(task.address, (None, 0))
            if queues:
                self.workers.cordon(task.address, self.queues)
            idle = queues == [] and tasks == 0 and not busy.get(task.address)
            self.leaving[task.arn] = self.leaving[task.arn] + 1 if idle else 0
            drained, protected = self.leaving[task.arn] >= 2, task.protected > now
            if protected and (drained or late):
                self.say('unprotects', task.address, 'because', 'it is idle and takes nothing' if drained else 'the time to drain is over')
                self.ecs.protect([task.arn], 0)
            elif drained:
                free.append(task)
            elif not protected and not idle and not late:
                self.ecs.protect([task.arn], LEASE)
        return free

    def lower(self, now, desired, keep, tasks, free):
        exposed = max(0, desired - len(tasks)) + sum(task.protected <= now for task in tasks if task not in free)
        target = max(keep, len(tasks) - len(free))
        if target >= desired:
            return
        if exposed > 0 or self.clock() - now > EVERY:
            reason = f'{exposed} are not there or not protected yet' if exposed > 0 else 'it has asked for them too long ago'
            self.say(f'not yet {desired} -> {target} workers, because', reason)
            return
        self.say(f'{desired} -> {target} workers, because no more than {keep} were needed for {self.hold} s')
        self.ecs.scale(self.service, target)


class Triggerers:
    def __init__(self, spec, ecs, now):
        self.__dict__.update(spec)
        self.ecs, self.born, self.state = ecs, now, f'{self.name} unknown'
        self.history = collections.deque()

    def tick(self, now, triggers):
        need = max(self.min, min(self.max, math.ceil(triggers / self.each)))
        self.history.append((now, need))
        while self.history[0][0] < now - self.hold:
            self.history.popleft()
        keep = max(number for _, number in self.history)
        service = self.ecs.service(self.service)
        self.state = f'{self.name} {service.desired} tasks, {triggers} triggers'
        if need > service.desired or (keep < service.desired and not service.rolling and now - self.born >= self.hold):
            log(f'{self.name}: {service.desired} -> {keep} triggerers, because there are {triggers} triggers')
            self.ecs.scale(self.service, keep)

    def sleep(self, drain):
        self.ecs.scale(self.service, 0)


class Database:
    def __init__(self):
        self.connection = None

    def query(self, text):
        try:
            if self.connection is None:
                import psycopg2
                self.connection = psycopg2.connect('', connect_timeout=5, application_name='scaler', options='-c statement_timeout=5000')
                self.connection.autocommit = True
            with self.connection.cursor() as cursor:
                cursor.execute(text)
                return cursor.fetchall()
        except Exception:
            self.close()
            raise

    def close(self):
        connection, self.connection = self.connection, None
        if connection:
            connection.close()


class Scaler:
    def __init__(self, config, ecs, workers, database, now):
        self.config, self.database, self.ecs = config, database, ecs
        self.pools = [Pool(spec, ecs, workers, now) for spec in config['pools']]
        self.triggerers = [Triggerers(spec, ecs, now) for spec in config['triggerers']]
        self.leads, self.reported = False, 0

    def tick(self, now):
        if not self.leads or self.database.connection is None:
            self.leads = self.database.query(LEADER)[0][0]
            if not self.leads:
                return
            log('leads')
            for each in self.pools + self.triggerers:
                each.born = now
        queues = {name: Queue(*counts) for name, *counts in self.database.query(DEMAND)}
        for name, soon in self.database.query(SOON) if any(pool.prewarm for pool in self.pools) else []:
            queues[name] = queues.get(name, Queue())._replace(soon=soon)
        busy = dict(self.database.query(HOSTS))
        errors = []
        seen = [(pool, [queues.get(name, Queue()) for name in pool.queues], busy) for pool in self.pools]
        seen += [(each, self.database.query(TRIGGERS)[0][0]) for each in self.triggerers]
        for each, *what in seen:
            try:
                each.tick(now, *what)
            except Exception as error:
                errors.append(error)
                log(f'{each.name}: stays as it is:', type(error).__name__, str(error)[:300])
        if now - self.reported >= MINUTE:
            self.reported = now
            self.report(now, queues)
        if errors:
            raise errors[0]

    def stop(self):
        if not self.ecs.gone():
            return
        for each in self.pools + self.triggerers:
            try:
                each.sleep(self.config['drain'])
            except Exception as error:
                log(f'{each.name}: does not sleep:', type(error).__name__, str(error)[:300])

    def report(self, now, queues):
        total = Queue(*map(sum, zip(Queue(), *queues.values(), strict=True)))
        unserved = {name: queue for name, queue in queues.items() if name not in self.config['served'] and queue.queued}
        for name, queue in unserved.items():
            log(f'queue {name} has work ({queue.queued} tasks) and no pool of workers')
        metric(self.config, now, {}, {
            'OpenSlots': max(0, int(self.config['parallelism']) * self.config['schedulers'] - total.queued - total.running), 'TasksScheduled': total.scheduled,
            'UnservedTasks': sum(queue.queued for queue in unserved.values())})
        states = []
        for pool in self.pools:
            of_pool = [queues.get(name, Queue()) for name in pool.queues]
            queued, running, oldest = sum(q.queued for q in of_pool), sum(q.running for q in of_pool), max(q.oldest for q in of_pool)
            states.append(f'{pool.name} {pool.running}/{pool.desired} workers, {len(pool.leaving)} leave, {queued} tasks queued for {oldest} s, {running} run')
            metric(self.config, now, {'Pool': pool.name}, {
                'WorkersDesired': pool.desired, 'WorkersRunning': pool.running, 'TasksQueued': queued, 'TasksRunning': running, 'OldestQueuedSeconds': oldest})
        log('; '.join(states + [each.state for each in self.triggerers]))


def metric(config, now, dimensions, values):
    dimensions = {'Environment': config['environment'], **dimensions}
    names = [{'Name': name, 'Unit': 'Seconds' if name.endswith('Seconds') else 'Count'} for name in values]
    form = {'Namespace': 'ServerlessAirflow', 'Dimensions': [list(dimensions)], 'Metrics': names}
    log(json.dumps({'_aws': {'Timestamp': int(now * 1000), 'CloudWatchMetrics': [form]}, **dimensions, **values}))


def batches(items, size):
    return [items[start:start + size] for start in range(0, len(items), size)]


def seconds(date):
    return date.timestamp() if date else 0


def address_of(task):
    details = {each['name']: each['value'] for attachment in task.get('attachments', []) for each in attachment.get('details', [])}
    return details.get('privateIPv4Address', '')


def address_of_node(node):
    host = node.split('@', 1)[1]
    numbers = re.match(r'ip-(\d+-\d+-\d+-\d+)(\.|$)', host)
    try:
        return str(ipaddress.ip_address(numbers[1].replace('-', '.'))) if numbers else socket.gethostbyname(host)
    except (OSError, ValueError):
        return node


def broker_url():
    command = os.environ.get('AIRFLOW__CELERY__BROKER_URL_CMD')
    if command:
        return subprocess.run(shlex.split(command), check=True, capture_output=True, text=True).stdout
    return os.path.expandvars(os.environ['AIRFLOW__CELERY__BROKER_URL'])


def main():
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    config = json.loads(os.environ['SCALER'])
    scaler, failures = None, 0
    while not ended.is_set():
        try:
            scaler = scaler or Scaler(config, Ecs(config['cluster']), Workers(broker_url()), Database(), time.time())
            scaler.tick(time.time())
            failures = 0
        except Exception as error:
            failures += 1
            log('tries again:', type(error).__name__, str(error)[:300])
        ended.wait(min(MINUTE, EVERY * 2 ** failures) * random.uniform(0.5, 1) if failures else EVERY)
    if scaler:
        scaler.stop()


if __name__ == '__main__':
    main()
