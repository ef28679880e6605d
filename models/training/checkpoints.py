"""The state of a training that may be killed: it goes on where it was, if it is of the same training."""
import os

import torch


def resumed(path, args):
    """What `keep` saved, or None. Another training of the same name is not gone on with: remove its file first."""
    if not os.path.exists(path):
        return None
    saved = torch.load(path)
    if saved["arguments"] != vars(args):
        raise SystemExit(f"{path} is of a training with other arguments: {saved['arguments']}")
    return saved


def keep(path, args, **state):
    torch.save(dict(state, arguments=vars(args)), path + ".new")
    os.replace(path + ".new", path)
