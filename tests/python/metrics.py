"""Reads scrapes with Prometheus's own parsers, in both formats, and holds them to its rules.

The files are named in the environment. Prints the samples of the first as JSON.
"""

import json
import os

from prometheus_client.openmetrics.parser import text_string_to_metric_families as of_open_metrics
from prometheus_client.parser import text_string_to_metric_families as of_text

OTHER_UNITS = ("milliseconds", "microseconds", "minutes", "hours", "kilobytes", "megabytes")


def read(variable, parse):
    with open(os.environ[variable], encoding="utf-8", newline="") as file:
        return list(parse(file.read()))


def samples(families):
    return [
        (sample.name, sorted(sample.labels.items()), sample.value)
        for family in families
        for sample in family.samples
    ]


text, open_metrics = read("TEXT", of_text), read("OPEN_METRICS", of_open_metrics)
assert {family.type for family in text} == {"counter", "gauge", "histogram"}
for family in text:
    assert family.documentation, family.name
    assert not any(unit in family.name for unit in OTHER_UNITS), family.name
    for sample in family.samples:
        assert (family.type == "counter") == sample.name.endswith("_total"), sample.name
    if family.type != "histogram":
        continue
    # Of each set of labels: cumulative, up to all.
    series = {}
    for sample in family.samples:
        labels = {name: value for name, value in sample.labels.items() if name != "le"}
        of = series.setdefault(json.dumps(labels), {"buckets": []})
        if sample.name.endswith("_bucket"):
            of["buckets"].append((float(sample.labels["le"]), sample.value))
        else:
            of[sample.name.removeprefix(family.name)] = sample.value
    for of in series.values():
        bounds, counts = zip(*of["buckets"])
        assert list(bounds) == sorted(set(bounds)) and bounds[-1] == float("inf"), family.name
        assert list(counts) == sorted(counts) and counts[-1] == of["_count"], family.name
        assert of["_sum"] >= 0, family.name
shape = [(name, labels) for name, labels, _ in samples(text)]
assert shape == [(name, labels) for name, labels, _ in samples(open_metrics)]
assert len(shape) == len({json.dumps(one) for one in shape}), "a series stands twice"
print(json.dumps(samples(text)))
