"""Continued pre-training: the encoder guesses masked pieces of statements and of Apache-2.0 logs.

usage: mlm.py --base PACKAGE/model --work WORK --layers 0,2,5 --epochs 2 --name l3
Writes WORK/NAME.mlm.pt; a killed run resumes from WORK/NAME.mlm.part.pt.
"""
import argparse
import json
import os
import time

import torch
from torch import nn

from batches import batches, padded, seeded
from checkpoints import keep, resumed
from encoder import HIDDEN, autocast, cut_tokenizer, pretrained, tokenizer_of

MASK = 4


class Guess(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder
        self.dense = nn.Linear(HIDDEN, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN)
        self.bias = nn.Parameter(torch.zeros(encoder.config.vocab_size))

    def forward(self, ids, mask, chosen):
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state[chosen]
        hidden = self.norm(nn.functional.gelu(self.dense(hidden)))
        return hidden @ self.encoder.embeddings.word_embeddings.weight.T.to(hidden.dtype) + self.bias


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--layers", default="0,2,5")
    parser.add_argument("--epochs", type=float, default=2)
    parser.add_argument("--name", default="l3")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--lr", type=float, default=4e-4)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    rng = seeded(3)
    texts = open(os.path.join(args.work, "mlm.txt"), encoding="utf8").read().splitlines()
    source = os.path.join(args.base, "tokenizer.json")
    target = os.path.join(args.work, "tokenizer.json")
    if not os.path.exists(target + ".origin"):
        origin = cut_tokenizer(source, texts, target)
        json.dump(origin, open(target + ".origin", "w"))
    origin = json.load(open(target + ".origin"))
    tokenizer = tokenizer_of(args.work)
    rows = [e.ids for e in tokenizer.encode_batch(texts)]
    print(f"vocabulary {len(origin)}, texts {len(rows)}, mean tokens {sum(map(len, rows)) / len(rows):.1f}", flush=True)
    model = Guess(pretrained(args.base, origin, source, [int(x) for x in args.layers.split(",")]))
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.01, betas=(0.9, 0.98))
    lengths = [len(r) for r in rows]
    plan = []
    while len(plan) < args.epochs * len(rows) / 64:
        plan += batches(lengths, 64, rng)
    plan = plan[: int(args.epochs * len(rows) / 64)]
    part = os.path.join(args.work, f"{args.name}.mlm.part.pt")
    begin = 0
    saved = resumed(part, args)
    if saved:
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        begin = saved["step"]
    started = time.time()
    mean = None
    for step in range(begin, len(plan)):
        torch.manual_seed(1000 + step)
        rate = args.lr * min(1, (step + 1) / 60) * max(0.02, 1 - step / len(plan))
        for group in optimizer.param_groups:
            group["lr"] = rate
        ids, mask = padded([rows[i] for i in plan[step]])
        chosen = (torch.rand(ids.shape) < 0.2) & (ids > 4)
        labels = ids[chosen]
        hidden = ids.clone()
        kind = torch.rand(ids.shape)
        hidden[chosen & (kind < 0.85)] = MASK
        swap = chosen & (kind > 0.93)
        hidden[swap] = torch.randint(18, len(origin), (int(swap.sum()),))
        with autocast():
            guess = model(hidden, mask, chosen)
        loss = nn.functional.cross_entropy(guess.float(), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
        if step % 50 == 49:
            print(f"step {step + 1}/{len(plan)} loss {mean:.3f} {(step + 1 - begin) * 64 / (time.time() - started):.0f} seq/s", flush=True)
        if step % 250 == 249:
            keep(part, args, model=model.state_dict(), optimizer=optimizer.state_dict(), step=step + 1)
    torch.save(model.encoder.state_dict(), os.path.join(args.work, f"{args.name}.mlm.pt"))
    if os.path.exists(part):
        os.remove(part)


if __name__ == "__main__":
    main()
