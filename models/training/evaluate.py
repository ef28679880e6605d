"""The compared models, from the saved answers in WORK: a table, and the numbers as JSON.

usage: evaluate.py --work WORK [--out ../bert-openstack/metrics.json]   or, without WORK: prints the committed numbers.
`test` are statements of projects that no split model has seen, without DEBUG; `half` the groups of it that did not choose temperature, share and
threshold; the real lines are of a cloud of which no split model has seen one. The shipped model has seen all these; it is judged by the judged records
whose text it was not taught.
"""
import argparse
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
METRICS = os.path.join(os.path.dirname(HERE), "bert-openstack", "metrics.json")
# In the order of the table; what a work folder has no answers of is left out.
MODELS = ("floor", "wide.split", "l6-frozen", "l6", "l6.both", "l3", "l2", "l2w256", "l2w256.fp32", "l2w256.int8")
# The model that is shipped, but for what it was trained on, and the shipped one.
BEST, SHIPPED = "l2w256.int8", "ship.int8"
COLUMNS = ("top1", "top1_or_second", "top2", "macro_f1", "ece", "coverage", "answered_right", "answered_right_or_second")
OPENSTACK = "aodh barbican ceilometer cinder cloudkitty cyborg designate glance gnocchi heat horizon ironic keystone keystonemiddleware magnum manila masakari mistral neutron nova octavia " \
            "oslo os_brick os_vif oslo_messaging oslo_service oslo_db oslo_concurrency oslo_policy placement sahara senlin stevedore swift tacker taskflow trove watcher zun migrate urllib3 requests".split()


def show(numbers):
    for part in numbers["parts"]:
        print(f"\n{part['name']} ({part['n']} texts)")
        print(f"{'':26}" + "".join(f"{c.replace('answered_right', 'right'):>20}" for c in COLUMNS))
        for name, row in part["models"].items():
            print(f"{name:26}" + "".join(f"{row[c]:>20.4f}" if c in row else f"{'-':>20}" for c in COLUMNS))
    for key in ("speed", "parity"):
        if key in numbers:
            print(f"\n{key}: {json.dumps(numbers[key])}")


def measure(work):
    import numpy as np

    from calibrate import chosen as calibrated
    from finetune import chosen, read
    from labels import INDEX, LABELS
    from metrics import measures, softmax
    from texts import LOG_SETS, TEST_CLOUD

    rows = read(work)
    lines = [json.loads(line) for line in open(os.path.join(work, "lines.jsonl"), encoding="utf8")]
    seen, test = set(), []
    for i, r in enumerate(rows):
        if r["part"] == "test" and r["level"] != "DEBUG" and r["statement"] not in seen:
            seen.add(r["statement"])
            test.append(i)
    half = [i for i in test if rows[i]["group"] % 2 == 1]
    taught = {rows[i]["text"] for i in chosen(rows, "all")}
    stack = {i for i, r in enumerate(lines) if (r["text"].split(" | ")[0].split() + ["", ""])[1] in OPENSTACK}
    cloud = [i for i, r in enumerate(lines) if r["file"].split("/")[0] in TEST_CLOUD]
    parts = [
        ("statements of projects left out", "rows", rows, test, MODELS),
        ("of these, the groups that chose nothing", "rows", rows, half, MODELS),
        ("real lines of a cloud left out", "lines", lines, cloud, MODELS),
        ("of these, OpenStack's loggers", "lines", lines, [i for i in cloud if i in stack], MODELS),
        ("LogHub's labelled lines", "lines", lines, [i for i, r in enumerate(lines) if "loghub" in r["file"].lower()], (*MODELS, SHIPPED)),
        ("judged records whose text the shipped model was not taught", "rows", rows, [i for i, r in enumerate(rows) if r["project"] in LOG_SETS and r["text"] not in taught], (SHIPPED,)),
    ]
    answers = {n: dict(np.load(path)) for n in (*MODELS, SHIPPED) if os.path.exists(path := os.path.join(work, f"{n}.pred.npz"))}
    settings = {n: calibrated(rows, answers[BEST if n == SHIPPED else n]["rows"]) for n in answers}
    out = dict(parts=[], labels=LABELS)
    for title, kind, source, which, names in parts:
        models = {}
        for n in [n for n in names if n in answers]:
            m, table = measures(answers[n][kind][which], [source[i] for i in which], *settings[n])
            models[n] = m | dict(temperature=round(settings[n][0], 3), min_confidence=round(settings[n][1], 3))
            if n == BEST:
                models[n]["reliability"] = table
        out["parts"].append(dict(name=title, n=len(which), models=models))
    for kind, source, which in (("rows", rows, test), ("lines", lines, cloud)):
        logits = answers[BEST][kind][which]
        p = softmax(logits, settings[BEST][0])
        first, confidence = p.argmax(1), p.max(1)
        label = np.array([INDEX[source[i]["label"]] for i in which])
        second = np.array([INDEX.get(source[i]["alt"], -1) for i in which])
        right, either = first == label, (first == label) | (first == second)
        out[f"per_class_{kind}"] = {LABELS[c]: dict(n=int((label == c).sum()), recall=round(float(right[label == c].mean()), 3), precision=round(float(right[first == c].mean()), 3) if (first == c).any() else None)
                                    for c in range(len(LABELS)) if (label == c).any()}
        service = np.array([source[i].get("project") or (source[i]["text"].split(" | ")[0].split() + ["-", "-"])[1] for i in which])
        out[f"per_service_{kind}"] = {s: dict(n=int((service == s).sum()), right=round(float(right[service == s].mean()), 3), right_or_second=round(float(either[service == s].mean()), 3))
                                      for s in sorted(set(service)) if (service == s).sum() >= 15}
        out[f"curve_{kind}"] = [dict(min_confidence=c, coverage=round(float((confidence >= c).mean()), 3), right=round(float(right[confidence >= c].mean()), 3),
                                     right_or_second=round(float(either[confidence >= c].mean()), 3)) for c in (0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98) if (confidence >= c).any()]
    pairs = [n for n in (BEST.replace(".int8", ""), BEST.replace(".int8", ".fp32"), BEST) if n in answers]
    if len(pairs) == 3:
        base = softmax(answers[pairs[0]]["rows"][test])
        out["parity"] = {n: dict(max_probability_difference=round(float(np.abs(softmax(answers[n]["rows"][test]) - base).max()), 4),
                                 mean_probability_difference=round(float(np.abs(softmax(answers[n]["rows"][test]) - base).max(1).mean()), 4),
                                 same_answer=round(float((answers[n]["rows"][test].argmax(1) == base.argmax(1)).mean()), 4)) for n in pairs[1:]}
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work")
    parser.add_argument("--out", default=METRICS)
    args = parser.parse_args()
    if args.work:
        numbers = measure(args.work)
        speed = os.path.join(args.work, "speed.json")
        if os.path.exists(speed):
            numbers["speed"] = {row["model"]: dict(texts_per_second=row["perSecond"], megabytes=round(row["megabytes"], 1)) for row in json.load(open(speed, encoding="utf8"))}
        with open(args.out, "w", encoding="utf8") as out:
            json.dump(numbers, out, indent=1)
            out.write("\n")
    else:
        numbers = json.load(open(METRICS, encoding="utf8"))
    show(numbers)


if __name__ == "__main__":
    main()
