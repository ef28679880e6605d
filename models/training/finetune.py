"""Fine-tuning of a classifier, with soft second labels and, if given, a teacher's answers.

usage: finetune.py --work WORK --encoder WORK/l6.mlm.pt --name l6 --layers 6 [--part split|all] [--epochs 5] [--frozen]
       finetune.py --work WORK --encoder WORK/l6.pt --name l2w256 --layers 2 (--take 0,5 | --hidden 256) --teacher l6 [--part split|all] [--epochs 8]
Writes WORK/NAME.pt; a killed run resumes from WORK/NAME.part.pt. `split` trains on the training projects, `all` on everything labelled but its
calibration part. --encoder is a pre-trained one or a fine-tuned model's; --take names the layers of a larger one to begin with; --hidden makes a narrower one.
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
from checkpoints import keep, resumed
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
    """Row numbers to train on. Judged records are none of them: they stay a test of the shipped model, and of its teacher."""
    free = [i for i, r in enumerate(rows) if r["project"] not in LOG_SETS]
    return [i for i in free if (rows[i]["part"] == "train" if part == "split" else not rows[i]["shipcalib"])]


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


def taught(work, teacher, rows, targets):
    """Rows and targets with the unlabelled texts behind the labelled ones, the teacher's answers for all, and which of these count."""
    saved = np.load(os.path.join(work, f"{teacher}.teacher.npz"))
    texts = open(os.path.join(work, "mlm.txt"), encoding="utf8").read().splitlines()
    answers = np.concatenate([saved["rows"], saved["unlabelled"]]).astype("float32")
    # What the teacher has not been trained on it knows less of than the label does.
    heard = np.concatenate([saved["known"], np.full(len(texts), True)])
    targets = np.concatenate([targets, np.zeros((len(texts), len(LABELS)), dtype="float32")])
    return rows + [dict(text=t, weight=1.0) for t in texts], targets, answers, heard


def encoder_of(args):
    """The encoder to begin with: a pre-trained or fine-tuned one, some layers of it, or a narrower one made of it."""
    vocabulary = len(json.load(open(os.path.join(args.work, "tokenizer.json.origin"))))
    state = torch.load(args.encoder)
    if "model" in state:
        state = {k.removeprefix("encoder."): v for k, v in state["model"].items() if k.startswith("encoder.")}
    if args.hidden != HIDDEN:
        return narrowed(state, args.layers, vocabulary, args.hidden)
    encoder = bert(args.layers, vocabulary)
    if args.take:
        state = layers_of(state, args.take.split(","))
    encoder.load_state_dict(state)
    return encoder


def layers_of(state, take):
    out = {}
    for key, value in state.items():
        parts = key.split(".")
        if not key.startswith("encoder.layer."):
            out[key] = value
        elif parts[2] in take:
            out[".".join([*parts[:2], str(take.index(parts[2])), *parts[3:]])] = value
    return out


def optimizer_of(model, args):
    groups = [dict(params=model.head.parameters(), lr=1e-3)]
    encoder = model.encoder
    if args.frozen:
        encoder.requires_grad_(False)
    else:
        # The nearer to the words, the slower.
        groups.append(dict(params=encoder.embeddings.parameters(), lr=args.lr * 0.6))
        for number, layer in enumerate(encoder.encoder.layer):
            groups.append(dict(params=layer.parameters(), lr=args.lr * 0.85 ** (args.layers - 1 - number)))
    return torch.optim.AdamW(groups, weight_decay=0.02)


def loss_of(logits, target, weight, answer, heard):
    """`answer`: the teacher's logits, or None; `heard`: 1 where they count. Labelled and taught: half and half; one of both: that alone."""
    loss = -(target * nn.functional.log_softmax(logits, -1)).sum(1)
    if answer is not None:
        wanted = torch.softmax(answer / TEMPERATURE, -1)
        said = nn.functional.log_softmax(logits / TEMPERATURE, -1)
        divergence = TEMPERATURE**2 * nn.functional.kl_div(said, wanted, reduction="none").sum(1)
        loss = loss * (1 - 0.5 * heard) + divergence * heard * (1 - 0.5 * target.sum(1))
    return (loss * weight).mean()


def scores_of(model, tokenizer, rows, parts):
    """Share of first labels that are right, of each part that is named."""
    out = {}
    for part in parts:
        ask = [r for r in rows if (r["shipcalib"] if part == "shipcalib" else r["part"] == part)]
        guess = predict(model, tokenizer, [r["text"] for r in ask]).argmax(1)
        out[part] = round(float(np.mean([LABELS[g] == r["label"] for g, r in zip(guess, ask)])), 4)
    return out


def arguments():
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
    return parser.parse_args()


def main():
    args = arguments()
    torch.set_num_threads(args.threads)
    seeded(17)
    labelled = read(args.work)
    indices = chosen(labelled, args.part)
    rows, targets, answers, heard = labelled, np.stack([soft(r) for r in labelled]), None, None
    # Rare classes count more, by the square root, so that they are heard without drowning the rest.
    share = targets[indices].sum(0) + 1
    balance = torch.from_numpy(np.clip(np.sqrt(share.mean() / share), 0.6, 2.0)).float()
    if args.teacher:
        rows, targets, answers, heard = taught(args.work, args.teacher, labelled, targets)
    unlabelled = range(len(labelled), len(rows))
    tokenizer = tokenizer_of(args.work)
    model = Classifier(encoder_of(args), len(LABELS), False)
    optimizer = optimizer_of(model, args)
    base = [g["lr"] for g in optimizer.param_groups]
    part = os.path.join(args.work, f"{args.name}.part.pt")
    begin = 0
    saved = resumed(part, args)
    if saved:
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        begin = saved["epoch"]
    started = time.time()
    done = 0
    for epoch in range(begin, args.epochs):
        chance = random.Random(100 + epoch)
        torch.manual_seed(200 + epoch)
        picks = epoch_of(rows, indices, chance)
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
            weight = torch.tensor([rows[i]["weight"] for i in which]) * ((target * balance).sum(1) + 1 - target.sum(1))
            with autocast():
                logits, _ = model(ids, mask)
            known = args.teacher and (torch.from_numpy(answers[which]), torch.from_numpy(heard[which]).float())
            loss = loss_of(logits, target, weight, *(known or (None, None)))
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            mean += loss.item() / len(plan)
            done += len(chunk)
        last = epoch + 1 == args.epochs
        scores = scores_of(model, tokenizer, labelled, ["shipcalib"] if args.part == "all" else ["calib", "test"] if last else ["calib"])
        print(f"epoch {epoch + 1}/{args.epochs} loss {mean:.3f} {scores} {done / (time.time() - started):.0f} seq/s", flush=True)
        keep(part, args, model=model.state_dict(), optimizer=optimizer.state_dict(), epoch=epoch + 1)
    torch.save(dict(model=model.state_dict(), layers=args.layers, hidden=args.hidden, wide=False, part=args.part), os.path.join(args.work, f"{args.name}.pt"))
    os.remove(part)


if __name__ == "__main__":
    main()
