"""The compared models, from the saved answers in WORK: a table, and the numbers as JSON.

usage: evaluate.py --work WORK [--out ../bert-openstack/metrics.json]   or, without WORK: prints the committed numbers.
The statements are of projects that no split model has seen, without DEBUG and without those whose words a training text has; half of them, by
near-duplicate group, did not choose temperature and threshold. The real lines are of a cloud of which no split model has seen one. The shipped model has
seen all these; it is judged by that cloud's judged records whose text it was not taught.
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
TRAINED, EXPORTS = "l2w256", ("l2w256.fp32", "l2w256.int8")
CURVE = (0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)
COLUMNS = ("top1", "top1_or_second", "top2", "macro_f1", "ece", "coverage", "answered_right", "answered_right_or_second")
LEVELS = "trace debug info notice warning warn error critical fatal".split()
# The first word of their loggers, as the mask leaves it.
OPENSTACK = """aodh barbican ceilometer cinder cloudkitty cyborg designate glance gnocchi heat horizon ironic keystone keystonemiddleware magnum manila masakari mistral
neutron nova octavia oslo os placement sahara senlin stevedore swift tacker taskflow trove watcher zun migrate urllib3 requests""".split()


def of_openstack(text):
    words = text.partition(" | ")[0].split()
    return next((w for w in words if w not in LEVELS), "") in OPENSTACK


def show(numbers):
    for part in numbers["parts"]:
        print(f"\n{part['name']} ({part['n']} texts)")
        print(f"{'':26}" + "".join(f"{c.replace('answered_right', 'right'):>20}" for c in COLUMNS))
        for name, row in part["models"].items():
            print(f"{name:26}" + "".join(f"{row[c]:>20.4f}" if c in row else f"{'-':>20}" for c in COLUMNS))
    for key in ("speed", "parity"):
        if key in numbers:
            print(f"\n{key}: {json.dumps(numbers[key])}")


def details(logits, rows, temperature):
    """Per class, per service or program, and what other thresholds would give."""
    import numpy as np

    from labels import INDEX, LABELS
    from metrics import softmax

    probability = softmax(logits, temperature)
    first, confidence = probability.argmax(1), probability.max(1)
    label = np.array([INDEX[r["label"]] for r in rows])
    second = np.array([INDEX.get(r["alt"], -1) for r in rows])
    service = np.array([r.get("project") or (r["text"].split(" | ")[0].split() + ["-", "-"])[1] for r in rows])
    right, either = first == label, (first == label) | (first == second)

    def share(hits, at):
        return round(float(hits[at].mean()), 3) if at.any() else None

    classes, services, curve = {}, {}, []
    for number, name in enumerate(LABELS):
        at = label == number
        if at.any():
            classes[name] = dict(n=int(at.sum()), recall=share(right, at), precision=share(right, first == number))
    for name in sorted(set(service)):
        at = service == name
        if at.sum() >= 15:
            services[name] = dict(n=int(at.sum()), right=share(right, at), right_or_second=share(either, at))
    for least in CURVE:
        at = confidence >= least
        if at.any():
            curve.append(dict(min_confidence=least, coverage=round(float(at.mean()), 3), right=share(right, at), right_or_second=share(either, at)))
    return dict(per_class=classes, per_service=services, curve=curve)


def parity(probabilities):
    """How far the exports' probabilities are from those of the trained model."""
    import numpy as np

    base, out = probabilities[TRAINED], {}
    for name in EXPORTS:
        difference = np.abs(probabilities[name] - base).max(1)
        same = probabilities[name].argmax(1) == base.argmax(1)
        out[name] = dict(max_probability_difference=round(float(difference.max()), 4), mean_probability_difference=round(float(difference.mean()), 4),
                         same_answer=round(float(same.mean()), 4))
    return out


def measure(work):
    import numpy as np

    from calibrate import chosen as calibrated
    from finetune import chosen, read
    from labels import INDEX, LABELS
    from metrics import measures, softmax
    from texts import TEST_CLOUD

    rows = read(work)
    lines = [json.loads(line) for line in open(os.path.join(work, "lines.jsonl"), encoding="utf8")]
    words = lambda text: frozenset(text.split())  # noqa: E731
    trained = {words(rows[i]["text"]) for i in chosen(rows, "split")}
    taught = {rows[i]["text"] for i in chosen(rows, "all")}
    seen, test = set(), []
    for i, r in enumerate(rows):
        if r["part"] == "test" and r["level"] != "DEBUG" and r["statement"] not in seen:
            seen.add(r["statement"])
            if words(r["text"]) not in trained:
                test.append(i)
    half = [i for i in test if rows[i]["group"] % 2 == 1]
    cloud = [i for i, r in enumerate(lines) if r["file"].split("/")[0] in TEST_CLOUD]
    loghub = [i for i, r in enumerate(lines) if "loghub" in r["file"].lower()]
    judged = [i for i, r in enumerate(rows) if r["project"] == TEST_CLOUD[1] and r["text"] not in taught]
    parts = [
        ("statements of projects left out", "rows", rows, test, MODELS),
        ("of these, the groups that chose nothing", "rows", rows, half, MODELS),
        ("real lines of a cloud left out", "lines", lines, cloud, MODELS),
        ("of these, OpenStack's loggers", "lines", lines, [i for i in cloud if of_openstack(lines[i]["text"])], MODELS),
        ("judged records of that cloud, of texts that the shipped model was not taught", "rows", rows, judged, (*MODELS, SHIPPED)),
        ("LogHub's labelled lines", "lines", lines, loghub, (*MODELS, SHIPPED)),
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
        out |= {f"{name}_{kind}": table for name, table in details(answers[BEST][kind][which], [source[i] for i in which], settings[BEST][0]).items()}
    out["parity"] = parity({n: softmax(answers[n]["rows"][test]) for n in (TRAINED, *EXPORTS) if n in answers})
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
            measured = json.load(open(speed, encoding="utf8"))
            numbers["speed"] = {row["model"]: dict(texts_per_second=row["perSecond"], megabytes=round(row["megabytes"], 1)) for row in measured}
        with open(args.out, "w", encoding="utf8") as out:
            json.dump(numbers, out, indent=1)
            out.write("\n")
    else:
        numbers = json.load(open(METRICS, encoding="utf8"))
    show(numbers)


if __name__ == "__main__":
    main()
