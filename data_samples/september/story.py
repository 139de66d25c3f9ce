"""What happened at September from January to April 2026: the figures the generator works from."""

from __future__ import annotations

from datetime import date, datetime

from data_samples.traffic import Quantiles, utc

FIRST_DAY, LAST_DAY = date(2026, 1, 1), date(2026, 4, 30)

# Requests of a working day, by month: the product is growing.
WORKING_DAY_REQUESTS = {1: 740, 2: 840, 3: 960, 4: 1200}

# The share of bad events each month ends with. February misses 99.5%; April uses 76% of its budget.
BAD_SHARE = {1: 0.0019, 2: 0.0068, 3: 0.0023, 4: 0.0038}

# What is live from when on. 1.40.0 and 1.43.1 were broken and taken back; 1.43.0 brought the
# regression in compaction, 1.43.2 its fix.
DEPLOYS: tuple[tuple[datetime, str], ...] = (
    (utc("2026-01-01 00:00"), "1.38.2"),
    (utc("2026-01-20 10:00"), "1.39.0"),
    (utc("2026-02-11 09:20"), "1.40.0"),
    (utc("2026-02-11 09:55"), "1.39.0"),
    (utc("2026-02-17 10:00"), "1.40.1"),
    (utc("2026-03-10 10:00"), "1.41.0"),
    (utc("2026-03-24 10:00"), "1.42.0"),
    (utc("2026-04-08 10:00"), "1.43.0"),
    (utc("2026-04-16 13:08"), "1.43.1"),
    (utc("2026-04-16 13:42"), "1.43.0"),
    (utc("2026-04-22 15:00"), "1.43.2"),
)
BROKEN_RELEASES = {"1.40.0": 0.9, "1.43.1": 0.8}  # and the share of requests each one failed
SLOW_COMPACTION = frozenset({"1.43.0", "1.43.1"})

MAINTENANCE = (utc("2026-04-12 02:00"), utc("2026-04-12 03:30"))
# Requests an hour that only exist because others failed: scheduled jobs try again until the
# database is back, callers until the broken release is gone.
RETRIES = {
    MAINTENANCE: 12,
    (utc("2026-02-11 09:20"), utc("2026-02-11 09:55")): 40,
    (utc("2026-04-16 13:08"), utc("2026-04-16 13:42")): 55,
}
# Engines not migrated yet answer 503 migration_required until Monday morning.
MIGRATION_TAIL = (utc("2026-04-12 03:30"), utc("2026-04-13 11:00"))
MIGRATION_REQUIRED_SHARE = 0.06

PROVIDER_INCIDENT = (utc("2026-04-02 09:10"), utc("2026-04-02 09:55"))
PROVIDER_INCIDENT_SHARE = 0.35
UPSTREAM_SHARE = 0.0025  # of all other requests, at any time
UPSTREAM_FAULTS = {"llm_provider": 6.0, "mcp_server": 3.0, "network": 1.0}

CALLER_ERROR_SHARE = 0.02
CALLER_ERRORS = {
    (400, "bad_request"): 10.0,
    (401, "unauthorized"): 5.0,
    (422, "invalid_tool"): 4.0,
    (429, "rate_limited"): 1.0,
}
ABANDONED_SHARE = 0.008  # the caller hung up: no error, but no completed turn either
RECOVERED_SHARE = 0.0006  # a streamed error after which the turn completed all the same

CUSTOMERS: dict[str | None, float] = {
    "borealis": 26, "cobalt": 19, "dune": 15, "acme": 12, "ember": 11, "fjord": 9, "glade": 6,
    None: 2,
}  # fmt: skip
# Tries one request a week, Thursdays after lunch: 5 in April, one of them in the outage.
TINY_CUSTOMER = "pico"
TINY_CUSTOMER_WEEKDAY, TINY_CUSTOMER_TIME = 3, (13, 21, 8)

SHARED_REPLICAS = tuple(f"engine-{number}" for number in range(1, 7))
RESERVED_REPLICA, RESERVED_FOR = "engine-7", "acme"
# Reserved, but for two slips: acme was moved aside while engine-7 restarted for 1.43.2, and a wrong
# routing rule sent cobalt there for some minutes.
MOVED_ASIDE, MOVED_TO = (utc("2026-04-22 15:00"), utc("2026-04-22 15:15")), "engine-2"
INTRUSION, INTRUDER = (utc("2026-04-27 10:30"), utc("2026-04-27 10:37")), "cobalt"

OTHER_ROUTES = {("GET", "/threads/{id}"): 6.0, ("GET", "/threads"): 3.0, ("POST", "/threads"): 2.0}
OTHER_ROUTES_SHARE = 0.08

# Milliseconds to the first token. April's p99 is 4.8 s; the months before were a little quicker,
# and acme's reserved replica always is.
TTFT: Quantiles = (
    (0, 280), (0.5, 1180), (0.9, 2300), (0.98, 3800), (0.99, 4900), (0.998, 7600), (1, 12000),
)  # fmt: skip
TTFT_SCALE = {1: 0.84, 2: 0.9, 3: 0.94, 4: 1.0}
RESERVED_TTFT_SCALE = 0.56

# Milliseconds from the first token to the end of the turn, and what the regression added to the
# turns that were long enough to be compacted.
WORK: Quantiles = (
    (0, 700), (0.5, 4400), (0.9, 17000), (0.97, 31000), (0.99, 45000), (0.999, 64000), (1, 90000),
)  # fmt: skip
COMPACTED_SHARE = 0.046  # with it, April's p99 comes to 78 s
# Other turns drop old tool results to fit the context, and nearly all fit as they are.
TRIMMED_SHARE = 0.11
COMPACTION_STALL: Quantiles = ((0, 30000), (0.5, 60000), (0.9, 120000), (1, 190000))

INPUT_TOKENS: Quantiles = (
    (0, 900), (0.5, 7200), (0.9, 32000), (0.98, 105000), (0.99, 138000), (1, 190000),
)  # fmt: skip
OUTPUT_TOKENS: Quantiles = ((0, 40), (0.5, 420), (0.9, 1800), (0.99, 6000), (1, 9000))
CACHED_SHARE: Quantiles = ((0, 0.30), (0.1, 0.60), (0.5, 0.74), (1, 0.92))
CACHE_BLOCK_TOKENS = 128  # the provider caches whole blocks
# A release that changes the prompt's beginning empties the prompt cache for a day or two.
COLD_CACHE_DAYS = {date(2026, 2, 17): 0.78, date(2026, 4, 8): 0.74, date(2026, 4, 9): 0.79}

# Lines the logger or the shipper broke, in April: 26 of them, far below the 1% that would matter.
BROKEN_LINES = {"cut": 9, "no time": 5, "status abc": 5, "negative turn": 4, "no offset": 3}
BLANK_LINES = {"2026-01-15": 1, "2026-03-26": 1, "2026-04-09": 2, "2026-04-23": 1}
