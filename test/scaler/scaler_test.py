import datetime
import json
import unittest
from unittest import mock

import world

scaler = world.load()


def pool_of(**options):
    return world.World(scaler, **options)


class Scaling(unittest.TestCase):
    def test_from_zero_and_back(self):
        it = pool_of(desired=0, waiting=5, arrived=5)
        it.tick()
        self.assertEqual(it.desired, 3)
        it.settle()
        self.assertEqual((it.done, it.desired, len(it.alive)), (5, 0, 0))

    def test_no_more_than_there_may_be_and_no_fewer_than_there_have_to_be(self):
        it = pool_of(waiting=100, arrived=100, least=1)
        it.tick()
        self.assertEqual(it.desired, 4)
        it.settle()
        self.assertEqual((it.done, it.desired), (100, 1))

    def test_a_worker_that_leaves_is_taken_back_before_a_new_one_is_bought(self):
        it = pool_of(desired=1)
        for event in (it.place, it.tick, it.start, it.start, it.tick):
            event()
        self.assertEqual([(worker.consuming, bool(worker.protected)) for worker in it.alive], [(False, True)])
        it.arrive()
        it.tick()
        self.assertEqual([(worker.consuming, bool(worker.protected)) for worker in it.alive], [(True, True)])
        self.assertEqual(it.desired, 1)

    def test_a_deployment_replaces_one_after_the_other(self):
        it = pool_of(desired=3, least=3)
        it.settle(5)
        it.deploy()
        for _ in range(3):
            it.place()
        it.tick()
        self.assertEqual([worker.consuming for worker in it.alive if worker.definition == "r1"], [True] * 3)
        it.tick()
        for _ in range(2):
            it.start()
        it.tick()
        self.assertEqual(sorted(worker.consuming for worker in it.alive if worker.definition == "r1"), [False, True, True])
        it.settle()
        self.assertEqual([worker.definition for worker in it.alive], ["r2"] * 3)
        self.assertTrue(all(worker.protected for worker in it.alive))
        self.assertNotIn("->", " ".join(it.log))

    def busy_in_a_deployment(self, drained_within):
        it = pool_of(least=1, drained_within=drained_within)
        it.settle(5)
        for event in (it.arrive, it.accept, it.show, it.record, it.deploy, it.place):
            event()
        for _ in range(8):
            it.tick()
            it.start()
        return it.workers[0]

    def test_a_busy_worker_is_waited_for(self):
        worker = self.busy_in_a_deployment(10**6)
        self.assertEqual((worker.consuming, worker.protected > 0), (False, True))

    def test_but_not_for_ever(self):
        worker = self.busy_in_a_deployment(30)
        self.assertEqual((worker.consuming, worker.protected), (False, 0))

    def test_an_old_worker_gives_way_to_another(self):
        it = pool_of(least=1, age=200)
        it.settle(40)
        self.assertEqual(len(it.alive), 1)
        self.assertGreater(it.alive[0].number, 1)
        self.assertLess(it.now - it.alive[0].started, 300)

    def test_without_redis_workers_are_added_and_none_leaves(self):
        it = pool_of(desired=2, least=0)
        for event in (it.place, it.place, it.tick, it.start, it.start, it.start, it.start):
            event()
        it.redis = False
        for _ in range(10):
            it.tick()
        self.assertEqual((it.desired, [worker.consuming for worker in it.alive]), (2, [True, True]))
        for _ in range(7):
            it.arrive()
        it.tick()
        self.assertEqual(it.desired, 4)

    def test_protection_that_is_refused_stays_as_it_is(self):
        it = pool_of(desired=1, least=1)
        it.workers = [world.Worker(number, "r1", 0, running=True, consuming=True, healthy=True) for number in (1, 2)]
        it.workers[0].protected = it.now + 10**6
        it.tick()
        self.assertEqual([bool(worker.protected) for worker in it.workers], [True, False])

    def test_a_lease_is_renewed_before_it_ends(self):
        it = pool_of(least=1)
        it.settle(5)
        it.alive[0].protected = it.now + 3600
        it.tick()
        self.assertEqual(it.alive[0].protected, it.now + world.LEASE)

    def test_workers_are_there_before_a_run_is_due(self):
        it = pool_of(desired=0)
        it.pool.prewarm = 2
        it.pool.tick(it.now, [scaler.Queue(0, 0, 0, 0, 100)], {})
        self.assertEqual(it.desired, 2)


class Whole(unittest.TestCase):
    config = {
        "environment": "Airflow", "parallelism": "40", "schedulers": 2, "drain": 1800, "triggerers": [], "served": ["default", "etl"],
        "pools": [{"name": name, "service": name, "queues": [name], "slots": 2, "min": 0, "max": 4, "hold": 60, "prewarm": 1, "drained_within": 7200, "age": 0}
                  for name in ("default", "etl")],
    }

    def setUp(self):
        self.lines, self.rows = [], {scaler.LEADER: [(True,)], scaler.SOON: [("etl", 3)], scaler.HOSTS: [], scaler.DEMAND: [
            ("default", 3, 1, 7, 12), ("mine", 2, 0, 0, 5)]}
        self.database = mock.Mock(query=lambda text: self.rows[text])
        self.ecs = mock.Mock(service=lambda name: scaler.Service(0, "r1", False, 0), tasks=lambda name: [])
        scaler.log = lambda *parts: self.lines.append(" ".join(map(str, parts)))
        self.workers = mock.Mock()
        self.scaler = scaler.Scaler(self.config, self.ecs, self.workers, self.database, 1000)

    def test_each_pool_has_the_demand_of_its_queues(self):
        self.scaler.tick(1000)
        self.assertEqual(self.ecs.scale.mock_calls, [mock.call("default", 2), mock.call("etl", 1)])

    def test_only_the_leader_does_anything(self):
        self.rows[scaler.LEADER] = [(False,)]
        self.scaler.tick(1000)
        self.assertEqual((self.ecs.mock_calls, self.lines), ([], []))

    def test_a_pool_that_fails_does_not_hold_the_others_up(self):
        self.ecs.scale.side_effect = [OSError("throttled"), None]
        with self.assertRaises(OSError):
            self.scaler.tick(1000)
        self.assertEqual(self.ecs.scale.mock_calls, [mock.call("default", 2), mock.call("etl", 1)])
        self.assertIn("default: stays as it is: OSError throttled", self.lines)

    def with_two_workers_and_one_that_starts(self):
        self.ecs.tasks = lambda service: [
            scaler.Task(f"{service}/{number}", f"10.0.0.{number}", "r1", number < 3, True, 0, 10**6) for number in (1, 2, 3)]
        self.ecs.gone.return_value = True

    def test_without_schedulers_all_workers_go_when_they_have_ended_what_they_run(self):
        self.with_two_workers_and_one_that_starts()
        self.scaler.stop()
        of_pools = [[mock.call.protect([f"{name}/1", f"{name}/2"], 1800), mock.call.scale(name, 0)] for name in ("default", "etl")]
        self.assertEqual(self.ecs.mock_calls, [mock.call.gone(), *of_pools[0], *of_pools[1]])
        self.assertEqual(self.workers.mock_calls, [mock.call.queues(), mock.call.end("10.0.0.1"), mock.call.end("10.0.0.2")] * 2)
        self.assertIn("etl: 0 workers, because there are no schedulers; 2 have 1800 s for what they run", self.lines)

    def test_a_scheduler_that_is_replaced_leaves_workers_alone(self):
        self.with_two_workers_and_one_that_starts()
        self.ecs.gone.return_value = False
        self.scaler.stop()
        self.assertEqual((self.ecs.mock_calls, self.workers.mock_calls), ([mock.call.gone()], []))

    def test_without_redis_no_worker_is_told_and_their_time_is_short_nevertheless(self):
        self.with_two_workers_and_one_that_starts()
        self.workers.queues.side_effect = OSError("away")
        self.scaler.stop()
        self.assertEqual([call for call in self.ecs.mock_calls if call[0] == "scale"], [mock.call.scale("default", 0), mock.call.scale("etl", 0)])
        self.assertIn("etl: does not sleep: OSError away", self.lines)

    def test_metrics_and_a_line_each_minute(self):
        for now in (1000, 1010, 1059, 1060):
            self.scaler.tick(now)
        metrics = [json.loads(line) for line in self.lines if line.startswith("{")]
        self.assertEqual(len(metrics), 6)
        self.assertEqual({key: value for key, value in metrics[0].items() if key != "_aws"}, {
            "Environment": "Airflow", "OpenSlots": 74, "TasksScheduled": 7, "UnservedTasks": 2})
        self.assertEqual(metrics[1], {
            "_aws": {"Timestamp": 1000000, "CloudWatchMetrics": [{
                "Namespace": "ServerlessAirflow", "Dimensions": [["Environment", "Pool"]],
                "Metrics": [{"Name": name, "Unit": "Count"} for name in ("WorkersDesired", "WorkersRunning", "TasksQueued", "TasksRunning")]
                + [{"Name": "OldestQueuedSeconds", "Unit": "Seconds"}]}]},
            "Environment": "Airflow", "Pool": "default", "WorkersDesired": 0, "WorkersRunning": 0,
            "TasksQueued": 3, "TasksRunning": 1, "OldestQueuedSeconds": 12})
        self.assertIn("queue mine has work (2 tasks) and no pool of workers", self.lines)
        self.assertIn("default 0/0 workers, 0 leave, 3 tasks queued for 12 s, 1 run; etl 0/0 workers, 0 leave, 0 tasks queued for 0 s, 0 run", self.lines)


class Triggering(unittest.TestCase):
    def setUp(self):
        self.lines, self.triggers = [], 0
        scaler.log = lambda *parts: self.lines.append(" ".join(map(str, parts)))
        self.service = scaler.Service(2, "r1", False, 0)
        self.ecs = mock.Mock(service=lambda name: self.service)
        spec = {"name": "triggerer", "service": "service", "each": 800, "min": 1, "max": 4, "hold": 300}
        self.scaler = scaler.Scaler({**Whole.config, "pools": [], "triggerers": [spec]}, self.ecs, mock.Mock(), mock.Mock(query=self.query), 1000)

    def query(self, text):
        return {scaler.LEADER: [(True,)], scaler.TRIGGERS: [(self.triggers,)]}.get(text, [])

    def tick(self, triggers, now=1000):
        self.triggers = triggers
        self.scaler.tick(now)
        return [call.args for call in self.ecs.scale.mock_calls]

    def test_more_at_once_within_its_bounds(self):
        self.assertEqual(self.tick(1600), [])
        self.assertEqual(self.tick(1601), [("service", 3)])
        self.assertIn("triggerer: 2 -> 3 triggerers, because there are 1601 triggers", self.lines)
        self.assertEqual(self.tick(10**6), [("service", 3), ("service", 4)])

    def test_fewer_when_they_have_been_too_many_for_a_while_and_nothing_is_deployed(self):
        for now in (1000, 1100, 1299):
            self.assertEqual(self.tick(0, now), [])
        self.service = self.service._replace(rolling=True)
        self.assertEqual(self.tick(0, 1301), [])
        self.service = self.service._replace(rolling=False)
        self.assertEqual(self.tick(0, 1302), [("service", 1)])

    def test_a_peak_is_remembered(self):
        self.tick(1601, 1200)
        self.service = self.service._replace(desired=3)
        self.assertEqual(self.tick(0, 1499), [("service", 3)])
        self.assertEqual(self.tick(0, 1501), [("service", 3), ("service", 1)])

    def test_each_minute_a_line_and_none_without_schedulers(self):
        self.tick(7)
        self.assertEqual(self.lines[-1], "triggerer 2 tasks, 7 triggers")
        self.scaler.stop()
        self.ecs.scale.assert_called_once_with("service", 0)

    def test_ecs_that_does_not_answer_changes_nothing(self):
        self.ecs.service = mock.Mock(side_effect=OSError("throttled"))
        with self.assertRaises(OSError):
            self.tick(5000)
        self.assertIn("triggerer: stays as it is: OSError throttled", self.lines)
        self.assertEqual(self.lines[-1], "triggerer unknown")


class Aws(unittest.TestCase):
    def setUp(self):
        self.client = mock.Mock()
        self.ecs = scaler.Ecs.__new__(scaler.Ecs)
        self.ecs.client, self.ecs.cluster = self.client, "cluster"

    def test_a_service(self):
        date = datetime.datetime.fromtimestamp(100, datetime.UTC)
        deployments = [{"status": "ACTIVE"}, {"status": "PRIMARY", "taskDefinition": "new", "rolloutState": "COMPLETED", "createdAt": date}]
        self.client.describe_services.return_value = {"services": [{"desiredCount": 3, "taskDefinition": "new", "deployments": deployments}]}
        self.assertEqual(self.ecs.service("name"), (3, "new", True, 100))
        deployments.pop(0)
        self.assertEqual(self.ecs.service("name"), (3, "new", False, 100))
        deployments[0]["rolloutState"] = "IN_PROGRESS"
        self.assertEqual(self.ecs.service("name"), (3, "new", True, 100))
        self.client.describe_services.assert_called_with(cluster="cluster", services=["name"])

    def test_the_time_to_drain_begins_with_the_newest_deployment_also_in_a_roll_back_to_an_old_one(self):
        old, new = (datetime.datetime.fromtimestamp(at, datetime.UTC) for at in (100, 90_000))
        deployments = [{"status": "PRIMARY", "taskDefinition": "r1", "rolloutState": "IN_PROGRESS", "createdAt": old},
                       {"status": "ACTIVE", "taskDefinition": "r2", "rolloutState": "FAILED", "createdAt": new}]
        self.client.describe_services.return_value = {"services": [{"desiredCount": 1, "taskDefinition": "r1", "deployments": deployments}]}
        self.assertEqual(self.ecs.service("name"), (1, "r1", True, 90_000))

    def test_its_tasks(self):
        arns = [f"arn/{number}" for number in range(150)]
        self.client.get_paginator.return_value.paginate.return_value = [{"taskArns": arns[:100]}, {"taskArns": arns[100:]}]
        date = datetime.datetime.fromtimestamp(50, datetime.UTC)
        details = [{"name": "subnetId", "value": "subnet"}, {"name": "privateIPv4Address", "value": "10.0.0.1"}]
        self.client.describe_tasks.side_effect = lambda cluster, tasks: {"tasks": [
            {"taskArn": arn, "taskDefinitionArn": "r1", "lastStatus": "RUNNING", "healthStatus": "HEALTHY", "startedAt": date,
             "attachments": [{"details": details}]} for arn in tasks]}
        self.client.get_task_protection.side_effect = lambda cluster, tasks: {"protectedTasks": [
            {"taskArn": tasks[0], "protectionEnabled": True, "expirationDate": date}, {"taskArn": tasks[1], "protectionEnabled": False}]}
        tasks = self.ecs.tasks("name")
        self.assertEqual(tasks[0], ("arn/0", "10.0.0.1", "r1", True, True, 50, 50))
        self.assertEqual((len(tasks), tasks[1].protected, tasks[2].protected, tasks[100].protected), (150, 0, 0, 50))
        self.assertEqual([len(call.kwargs["tasks"]) for call in self.client.describe_tasks.mock_calls], [100, 50])

    def test_protection_ten_at_a_time(self):
        self.client.update_task_protection.side_effect = lambda tasks, **_: {
            "protectedTasks": [{"taskArn": arn} for arn in tasks[1:]], "failures": [{"arn": tasks[0], "reason": "DEPLOYMENT_BLOCKED"}]}
        lines = []
        scaler.log = lambda *parts: lines.append(" ".join(map(str, parts)))
        self.assertEqual(self.ecs.protect([f"arn/{number}" for number in range(12)], 600), [f"arn/{number}" for number in (*range(1, 10), 11)])
        self.assertEqual(self.client.update_task_protection.mock_calls[1], mock.call(
            cluster="cluster", tasks=["arn/10", "arn/11"], protectionEnabled=True, expiresInMinutes=10))
        self.assertEqual(lines, ["protection of 0 stays as it is: DEPLOYMENT_BLOCKED", "protection of 10 stays as it is: DEPLOYMENT_BLOCKED"])
        self.ecs.protect(["arn/1", "arn/2"], 0)
        self.client.update_task_protection.assert_called_with(cluster="cluster", tasks=["arn/1", "arn/2"], protectionEnabled=False)

    def test_whether_its_own_service_is_to_have_no_tasks(self):
        self.client.describe_tasks.return_value = {"tasks": [{"group": "service:scheduler"}]}
        answer = mock.MagicMock()
        answer.__enter__.return_value.read.return_value = b'{"TaskARN": "arn/own"}'
        for desired in (0, 2):
            self.client.describe_services.return_value = {"services": [{
                "desiredCount": desired, "taskDefinition": "r1", "deployments": [{"status": "PRIMARY"}]}]}
            with mock.patch("urllib.request.urlopen", return_value=answer) as asked, mock.patch.dict("os.environ", ECS_CONTAINER_METADATA_URI_V4="http://agent/v4/id"):
                self.assertEqual(self.ecs.gone(), desired == 0)
            asked.assert_called_with("http://agent/v4/id/task", timeout=5)
        self.client.describe_tasks.assert_called_with(cluster="cluster", tasks=["arn/own"])
        self.client.describe_services.assert_called_with(cluster="cluster", services=["scheduler"])

    def test_nodes_of_addresses(self):
        self.assertEqual(scaler.address_of_node("celery@ip-10-0-1-23.eu-west-1.compute.internal"), "10.0.1.23")
        self.assertEqual(scaler.address_of_node("celery@ip-10-0-1-23"), "10.0.1.23")
        self.assertEqual(scaler.address_of_node("celery@localhost"), "127.0.0.1")
        self.assertEqual(scaler.address_of_node("celery@ip-999-0-1-23"), "celery@ip-999-0-1-23")


if __name__ == "__main__":
    unittest.main()
