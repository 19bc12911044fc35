"""Number ranges: what the next customer or order is called."""

from __future__ import annotations

from connectors.shopware.sandbox.database import Database
from connectors.shopware.sandbox.records import change, insert

NUMBER_RANGES = {
    "order": ("Orders", 0),
    "customer": ("Customers", 19999),
    "product": ("Products", 0),
}
"""By technical name: what people call it, and the last number given at the start; 0: none yet.

New customers count from 20000, behind those the shop has at the start."""


def reserve(database: Database, kind: str) -> str:
    """The next number of a range; it is never given again. Runs inside a transaction."""
    type_id = database["number_range_type"].where("technicalName", kind)[0]
    ranges = database["number_range"]
    key = ranges.where("typeId", type_id)[0]
    states = database["number_range_state"]
    found = states.where("numberRangeId", key)
    start = int(ranges.rows[key].values["start"])
    if not found:
        insert(database, "number_range_state", {"numberRangeId": str(key), "lastValue": start})
        number = start
    else:
        number = max(int(states.rows[found[0]].values["lastValue"]) + 1, start)
        change(database, "number_range_state", found[0], {"lastValue": number})
    pattern = str(ranges.rows[key].values.get("pattern") or "{n}")
    return pattern.replace("{n}", str(number))
