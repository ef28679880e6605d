"""Batches of texts of like length, by chance of a seed."""
import random

import torch


def batches(lengths, size, rng, pool=50):
    """Index lists: shuffled, then sorted by length inside pools, so that little is padded."""
    order = list(range(len(lengths)))
    rng.shuffle(order)
    out = []
    for start in range(0, len(order), size * pool):
        chunk = sorted(order[start : start + size * pool], key=lengths.__getitem__)
        out += [chunk[i : i + size] for i in range(0, len(chunk), size)]
    rng.shuffle(out)
    return out


def padded(rows):
    """Ids and attention mask of token lists; 0 is [PAD]."""
    width = max(map(len, rows))
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    mask = torch.zeros(len(rows), width, dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
    return ids, mask


def seeded(number):
    torch.manual_seed(number)
    return random.Random(number)
