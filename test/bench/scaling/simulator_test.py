import sys
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[3] / "bench" / "scaling" / "simulator"))

import report  # noqa: E402
from packaged import SCALER, Packaged  # noqa: E402
from peers import CpuTracking, Mwaa, StepScaling  # noqa: E402
from simulation import Simulation  # noqa: E402
from traces import Trace, oracle_hours  # noqa: E402


class Oracle(unittest.TestCase):
    def test_pays_the_start_and_packs_workers(self):
        self.assertAlmostEqual(oracle_hours(Trace("", [(0, 100.0)] * 5, 200), start=50), 2 * 150 / 3600)

    def test_keeps_a_worker_through_a_gap_that_is_shorter_than_a_start(self):
        self.assertAlmostEqual(oracle_hours(Trace("", [(0, 100.0), (140, 100.0)], 300), start=50), (150 + 140) / 3600)
        self.assertAlmostEqual(oracle_hours(Trace("", [(0, 100.0), (160, 100.0)], 300), start=50), 2 * 150 / 3600)


class Simulated(unittest.TestCase):
    trace = Trace("", [(100.0, 300.0)] * 9 + [(2000.0, 10.0)], 3000, most=5)

    def test_every_task_is_run_whoever_scales(self):
        for controller in (Packaged, CpuTracking, StepScaling, Mwaa):
            it = Simulation(self.trace, controller()).run()
            self.assertEqual((it.unfinished, it.running, len(it.queue), len(it.scheduled)), (0, 0, 0, 0), controller)

    def test_the_packaged_program_goes_from_zero_to_what_is_needed_and_back_without_losing_a_task(self):
        it = Simulation(self.trace, Packaged()).run()
        self.assertEqual((it.desired, max(it.workers_reached), max(it.running_reached), it.killed), (0, 3, 9, 0))
        self.assertLess(max(it.waits), 100)
        # nine tasks of 300 s on three workers, the last one on its own, each with what it takes to start and to leave
        self.assertLess(it.hours * 3600, 3 * (300 + 330) + 330)
        self.assertGreaterEqual(it.controller.most_requests, 5)

    def test_a_run_that_a_schedule_creates_finds_a_worker(self):
        wait = {bool(runs): Simulation(Trace("", [(1000.0, 30.0)], 1500, runs=runs), Packaged()).run().waits[0] for runs in ([], [(1000.0, 1)])}
        self.assertLess(wait[True], 2)
        self.assertGreater(wait[False], 60)

    def test_a_program_that_protects_nobody_and_lowers_the_number_first_kills_tasks(self):
        trace = Trace("", [(100 + number / 1000, 50.0 if number % 3 else 900.0) for number in range(12)], 3000, most=5)
        self.assertEqual(Simulation(trace, Packaged()).run().killed, 0)
        with mock.patch.multiple(SCALER.Pool, admit=lambda *_: None, lower=lambda pool, now, desired, keep, tasks, free: pool.ecs.scale(pool.service, keep)):
            self.assertGreater(Simulation(trace, Packaged()).run().killed, 0)


class Report(unittest.TestCase):
    def test_what_misses_a_limit_is_a_problem(self):
        it = Simulation(Trace("idle", [(100.0, 10.0)], 900), Packaged()).run()
        self.assertEqual(report.problems_of(it, 1.05), [])
        self.assertEqual(report.problems_of(it, 1.06), ["idle: the bill is 1.060 of the oracle's, more than 1.05"])
        it.killed = 1
        self.assertEqual(report.problems_of(it, 1), ["idle: 1 tasks were killed", "idle: 1 tasks never started"])

    def test_starts_are_measured_from_when_they_are_needed(self):
        self.assertTrue(60 < report.one_more_worker(Packaged, 1) < 100)
        self.assertTrue(60 < report.two_hundred_more_slots(Packaged, 1) < 110)

    def test_quantiles(self):
        self.assertEqual([report.quantile(range(100), share) for share in (0.5, 0.95, 1)], [50, 95, 99])


if __name__ == "__main__":
    unittest.main()
