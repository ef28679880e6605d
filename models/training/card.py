"""Writes the tables of MODEL_CARD.md, between its markers, from metrics.json (standard library only).

usage: card.py
"""
import json
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(os.path.dirname(HERE), "bert-openstack")
NAMES = {
    "floor": "TF-IDF + logistic regression (floor)",
    "wide.split": "hashed pieces + logistic regression",
    "l6-frozen": "MiniLM-L6 frozen + linear layer",
    "l6": "MiniLM-L6 fine-tuned",
    "l6.both": "the same + hashed pieces: the teacher",
    "l3": "student, 3 layers of 384",
    "l2": "student, 2 layers of 384",
    "l2w256": "student, 2 layers of 256",
    "l2w256.fp32": "the same, ONNX fp32",
    "l2w256.int8": "the same, ONNX int8",
    "ship.int8": "**shipped**: the same recipe on everything, int8",
    "reference": "a network of the reference's size, whole lines",
}


def percent(value):
    return "–" if value is None else f"{100 * value:.1f}"


def compared(numbers):
    out = []
    for part in numbers["parts"]:
        out += [f"**{part['name']}** ({part['n']})", "", "| model | top-1 | or second label | top-2 | macro-F1 | ECE | answered | right of them | or second |", "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"]
        for name, m in part["models"].items():
            out.append(f"| {NAMES.get(name, name)} | " + " | ".join(percent(m.get(k)) for k in ("top1", "top1_or_second", "top2", "macro_f1", "ece", "coverage", "answered_right", "answered_right_or_second")) + " |")
        out.append("")
    return out


def classes(numbers):
    test, lines = numbers.get("per_class_rows", {}), numbers.get("per_class_lines", {})
    out = ["| class | statements | recall | precision | lines | recall | precision |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for label in numbers["labels"]:
        cells = []
        for table in (test, lines):
            m = table.get(label)
            cells += [str(m["n"]), percent(m["recall"]), percent(m["precision"])] if m else ["0", "–", "–"]
        out.append(f"| `{label}` | " + " | ".join(cells) + " |")
    return out


def services(numbers):
    out = ["| service or program | source | texts | right | or second |", "| --- | --- | --- | --- | --- |"]
    for kind, title in (("rows", "test"), ("lines", "lines")):
        for name, m in numbers.get(f"per_service_{kind}", {}).items():
            out.append(f"| {name} | {title} | {m['n']} | {percent(m['right'])} | {percent(m['right_or_second'])} |")
    return out


def curve(numbers):
    out = ["| min_confidence | test: answered | right | or second | lines: answered | right | or second |", "| --- | --- | --- | --- | --- | --- | --- |"]
    lines = {c["min_confidence"]: c for c in numbers.get("curve_lines", [])}
    for c in numbers.get("curve_rows", []):
        real = lines.get(c["min_confidence"], {})
        out.append(f"| {c['min_confidence']} | " + " | ".join(percent(m.get(k)) for m in (c, real) for k in ("coverage", "right", "right_or_second")) + " |")
    return out


def reliability(numbers):
    out = ["| confidence from | texts | mean confidence | right |", "| --- | --- | --- | --- |"]
    table = next((m["reliability"] for m in numbers["parts"][1]["models"].values() if "reliability" in m), [])
    return out + [f"| {low:.1f} | {n} | {percent(said)} | {percent(right)} |" for low, n, said, right in table]


def speed(numbers):
    out = ["| model | texts/s | MB | top-1, projects left out | top-1, real lines of a cloud left out |", "| --- | --- | --- | --- | --- |"]
    test, cloud = numbers["parts"][0]["models"], numbers["parts"][2]["models"]
    for name, m in numbers.get("speed", {}).items():
        right = [percent(part[name]["top1"]) if name in part else "–" for part in (test, cloud)]
        out.append(f"| {NAMES.get(name, name)} | {m['texts_per_second']:,} | {m['megabytes']} | {right[0]} | {right[1]} |")
    return out


def parity(numbers):
    out = ["| export | largest difference of a probability | mean | same answer |", "| --- | --- | --- | --- |"]
    return out + [f"| {NAMES.get(name, name)} | {m['max_probability_difference']} | {m['mean_probability_difference']} | {percent(m['same_answer'])} |" for name, m in numbers.get("parity", {}).items()]


def main():
    numbers = json.load(open(os.path.join(FOLDER, "metrics.json"), encoding="utf8"))
    path = os.path.join(FOLDER, "MODEL_CARD.md")
    text = open(path, encoding="utf8").read()
    for name, make in (("compared", compared), ("speed", speed), ("classes", classes), ("services", services), ("curve", curve), ("reliability", reliability), ("parity", parity)):
        body = "\n".join(make(numbers)).strip()
        text = re.sub(rf"<!-- {name} -->.*?<!-- end -->", lambda _: f"<!-- {name} -->\n\n{body}\n\n<!-- end -->", text, flags=re.S)  # noqa: B023
    open(path, "w", encoding="utf8").write(text)


if __name__ == "__main__":
    main()
