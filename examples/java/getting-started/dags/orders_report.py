"""Twelve monthly order exports in, one report out: extract, transform (one task per file, in parallel), load."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from airflow.sdk import dag, task

ORDERS = Path(__file__).parent / "orders"


def parse(row: dict[str, str]) -> dict:
    """One order with real types. Raises ValueError or InvalidOperation for a row that cannot be trusted."""
    order = {
        "id": row["order_id"],
        "date": date.fromisoformat(row["ordered_on"]),
        "shop": row["shop"].strip().title(),
        "revenue": int(row["quantity"]) * Decimal(row["unit_price"]),
    }
    if order["revenue"] <= 0:
        raise ValueError("revenue must be positive")
    return order


@dag(schedule=None, tags=["getting-started"], doc_md=__doc__)
def orders_report():
    @task
    def extract() -> list[str]:
        # Names, not paths: each worker has its own copy of the DAG folder.
        files = sorted(file.name for file in ORDERS.glob("*.csv"))
        print(f"{len(files)} files, {files[0]} to {files[-1]}")
        return files

    @task(map_index_template="{{ task.op_kwargs['file'] }}")
    def transform(file: str) -> dict:
        orders: dict[str, dict] = {}
        rejected = 0
        with (ORDERS / file).open(newline="") as lines:
            for row in csv.DictReader(lines):
                try:
                    order = parse(row)
                    if order["id"] in orders:
                        raise ValueError("order seen before")
                    orders[order["id"]] = order
                except (ValueError, InvalidOperation) as error:
                    rejected += 1
                    print(f"{file}: rejected {list(row.values())}: {error!r}")

        revenue: dict[str, Decimal] = {}
        for order in orders.values():
            revenue[order["shop"]] = revenue.get(order["shop"], Decimal(0)) + order["revenue"]
        # Small results travel through XCom; money as text, JSON has no decimals.
        return {
            "file": file,
            "accepted": len(orders),
            "rejected": rejected,
            "revenue": {shop: str(amount) for shop, amount in revenue.items()},
        }

    @task
    def load(months: list[dict]) -> dict:
        revenue: dict[str, Decimal] = {}
        for month in months:
            for shop, amount in month["revenue"].items():
                revenue[shop] = revenue.get(shop, Decimal(0)) + Decimal(amount)
        report = {
            "files": len(months),
            "accepted": sum(month["accepted"] for month in months),
            "rejected": sum(month["rejected"] for month in months),
            "revenue": {shop: str(revenue[shop]) for shop in sorted(revenue)},
        }
        print(f"{report['accepted']} orders, {report['rejected']} rejected, revenue {sum(revenue.values())}")
        return report

    load(transform.expand(file=extract()))


orders_report()
