"""Fine-tuning of a classifier, with soft second labels and, if given, a teacher's answers.

usage: finetune.py --work WORK --encoder WORK/l6.mlm.pt --name l6 --layers 6 [--part split|all] [--epochs 5] [--frozen]
       finetune.py --work WORK --encoder WORK/l6.mlm.pt --name s2 --layers 2 (--take 0,5 | --hidden 256) --teacher l6 [--part split|all] [--epochs 10]
Writes WORK/NAME.pt; a killed run resumes from WORK/NAME.part.pt. `split` trains on the training projects, `all` on everything labelled but its
calibration part and the judged records. --encoder is a pre-trained one or a fine-tuned model's; --take names the layers of a larger one to begin with; --hidden makes a narrower one.
A teacher's answers (WORK/TEACHER.teacher.npz, by teach.py) count half on labelled texts, and alone on unlabelled statements, some of which are in each epoch.
"""
import argparse
import collections
import json
import os
import random
import time

import numpy as np
import torch
from torch import nn

from batches import batches, padded, seeded
from encoder import HIDDEN, Classifier, autocast, bert, narrowed, tokenizer_of
from labels import INDEX, LABELS
from texts import LOG_SETS

SECOND = 0.25
PER_STATEMENT = 2
TEMPERATURE = 2.0
UNLABELLED_PER_EPOCH = 20_000


def read(work):
    with open(os.path.join(work, "labelled.jsonl"), encoding="utf8") as handle:
        return [json.loads(line) for line in handle]


def chosen(rows, part):
    if part == "split":
        return [i for i, r in enumerate(rows) if r["part"] == "train"]
    # Judged records stay a test of the shipped model.
    return [i for i, r in enumerate(rows) if not r["shipcalib"] and r["project"] not in LOG_SETS]


def soft(row):
    target = np.zeros(len(LABELS), dtype="float32")
    target[INDEX[row["label"]]] = 1.0
    if row["alt"] in INDEX:
        target[INDEX[row["label"]]] = 1 - SECOND
        target[INDEX[row["alt"]]] += SECOND
    return target


def varied(text, rng):
    """Sometimes without its level, its logger, or the project in it, so that the words carry the answer."""
    chance = rng.random()
    head, _, said = text.partition(" | ")
    if said == "" or chance > 0.4:
        return text
    words = head.split()
    if chance < 0.12:
        return said
    if chance < 0.2:
        return f"{words[0]} | {said}"
    if chance < 0.3 and len(words) > 2:
        return " ".join(words[:1] + words[2:]) + " | " + said
    if len(words) > 1:
        return " ".join(words[1:]) + " | " + said
    return text


def epoch_of(rows, indices, rng):
    """A few renderings of every statement: more would only repeat it."""
    by = collections.defaultdict(list)
    for i in indices:
        by[rows[i]["statement"] if rows[i]["statement"] >= 0 else -i - 1].append(i)
    out = []
    for key, several in by.items():
        if key < 0 and rng.random() > 0.35:
            continue
        out += rng.sample(several, min(PER_STATEMENT if rng.random() < 0.5 else 1, len(several)))
    return out


def predict(model, tokenizer, texts, size=256):
    model.eval()
    rows = [e.ids for e in tokenizer.encode_batch(texts)]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    out = np.zeros((len(rows), len(LABELS)), dtype="float32")
    with torch.inference_mode():
        for start in range(0, len(order), size):
            chunk = order[start : start + size]
            ids, mask = padded([rows[i] for i in chunk])
            with autocast():
                logits, _ = model(ids, mask)
            out[chunk] = logits.float().numpy()
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", required=True)
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--part", choices=("split", "all"), default="split")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--frozen", action="store_true")
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--take", help="which layers of the encoder to take, where it has more")
    parser.add_argument("--hidden", type=int, default=HIDDEN)
    parser.add_argument("--teacher", help="name of the model that WORK/NAME.teacher.npz is of")
    parser.add_argument("--lr", type=float, default=2.5e-4)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    rng = seeded(17)
    rows = read(args.work)
    indices = chosen(rows, args.part)
    targets = np.stack([soft(r) for r in rows])
    balanced = indices
    taught = np.full(len(rows), False)
    if args.teacher:
        saved = np.load(os.path.join(args.work, f"{args.teacher}.teacher.npz"))
        # What the teacher has not been trained on it knows less of than the label does.
        taught = saved["known"]
        texts = open(os.path.join(args.work, "mlm.txt"), encoding="utf8").read().splitlines()
        unlabelled = list(range(len(rows), len(rows) + len(texts)))
        rows = rows + [dict(text=t, weight=1.0) for t in texts]
        answers = np.concatenate([saved["rows"], saved["unlabelled"]]).astype("float32")
        taught = np.concatenate([taught, np.full(len(texts), True)])
        targets = np.concatenate([targets, np.zeros((len(texts), len(LABELS)), dtype="float32")])
    # Rare classes count more, by the square root, so that they are heard without drowning the rest.
    share = targets[balanced].sum(0) + 1
    balance = np.clip(np.sqrt(share.mean() / share), 0.6, 2.0)
    tokenizer = tokenizer_of(args.work)
    vocabulary = len(json.load(open(os.path.join(args.work, "tokenizer.json.origin"))))
    state = torch.load(args.encoder)
    if "model" in state:
        state = {k.removeprefix("encoder."): v for k, v in state["model"].items() if k.startswith("encoder.")}
    if args.hidden != HIDDEN:
        encoder = narrowed(state, args.layers, vocabulary, args.hidden)
    else:
        encoder = bert(args.layers, vocabulary)
        if args.take:
            take = args.take.split(",")
            state = {k if not k.startswith("encoder.layer.") else ".".join(["encoder", "layer", str(take.index(k.split(".")[2])), *k.split(".")[3:]]): v
                     for k, v in state.items() if not k.startswith("encoder.layer.") or k.split(".")[2] in take}
        encoder.load_state_dict(state)
    model = Classifier(encoder, len(LABELS), False)

    groups = [dict(params=model.head.parameters(), lr=1e-3)]
    if args.frozen:
        encoder.requires_grad_(False)
    else:
        # The nearer to the words, the slower.
        groups.append(dict(params=encoder.embeddings.parameters(), lr=args.lr * 0.6))
        for number, layer in enumerate(encoder.encoder.layer):
            groups.append(dict(params=layer.parameters(), lr=args.lr * 0.85 ** (args.layers - 1 - number)))
    optimizer = torch.optim.AdamW(groups, weight_decay=0.02)
    base = [g["lr"] for g in optimizer.param_groups]
    part = os.path.join(args.work, f"{args.name}.part.pt")
    begin = 0
    if os.path.exists(part):
        saved = torch.load(part)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        begin = saved["epoch"]
    started = time.time()
    done = 0
    for epoch in range(begin, args.epochs):
        chance = random.Random(100 + epoch)
        torch.manual_seed(200 + epoch)
        picks = epoch_of(rows, indices, chance)
        if args.teacher:
            picks += chance.sample(unlabelled, min(UNLABELLED_PER_EPOCH, len(unlabelled)))
        texts = [varied(rows[i]["text"], chance) for i in picks]
        tokens = [e.ids for e in tokenizer.encode_batch(texts)]
        plan = batches([len(t) for t in tokens], 48, chance)
        model.train()
        mean = 0.0
        for number, chunk in enumerate(plan):
            progress = (epoch + number / len(plan)) / args.epochs
            scale = min(1.0, progress * 12 + 0.02) * max(0.02, 1 - progress)
            for group, lr in zip(optimizer.param_groups, base):
                group["lr"] = lr * scale
            ids, mask = padded([tokens[i] for i in chunk])
            which = [picks[i] for i in chunk]
            target = torch.from_numpy(targets[which])
            labelled = target.sum(1)
            weight = torch.tensor([rows[i]["weight"] for i in which]) * ((target * torch.from_numpy(balance).float()).sum(1) + 1 - labelled)
            with autocast():
                logits, _ = model(ids, mask)
            loss = -(target * nn.functional.log_softmax(logits, -1)).sum(1)
            if args.teacher:
                answer = torch.softmax(torch.from_numpy(answers[which]) / TEMPERATURE, -1)
                divergence = TEMPERATURE**2 * nn.functional.kl_div(nn.functional.log_softmax(logits / TEMPERATURE, -1), answer, reduction="none").sum(1)
                # Labelled and taught: half and half; one of both: that alone.
                heard = torch.from_numpy(taught[which]).float()
                loss = loss * (1 - 0.5 * heard) + divergence * heard * (1 - 0.5 * labelled)
            loss = (loss * weight).mean()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            mean += loss.item() / len(plan)
            done += len(chunk)
        scores = {}
        for name, keep in (("calib", "shipcalib" if args.part == "all" else None), ("test", None)):
            ask = [r for r in rows if "part" in r and (r["shipcalib"] if keep else r["part"] == name)]
            if name == "test" and (args.part == "all" or epoch + 1 < args.epochs):
                continue
            guess = predict(model, tokenizer, [r["text"] for r in ask]).argmax(1)
            scores[name] = round(float(np.mean([LABELS[g] == r["label"] for g, r in zip(guess, ask)])), 4)
        print(f"epoch {epoch + 1}/{args.epochs} loss {mean:.3f} {scores} {done / (time.time() - started):.0f} seq/s", flush=True)
        torch.save(dict(model=model.state_dict(), optimizer=optimizer.state_dict(), epoch=epoch + 1), part + ".new")
        os.replace(part + ".new", part)
    torch.save(dict(model=model.state_dict(), layers=args.layers, hidden=args.hidden, wide=False, part=args.part), os.path.join(args.work, f"{args.name}.pt"))


if __name__ == "__main__":
    main()
