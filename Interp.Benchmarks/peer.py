"""The training step of `interp train` in PyTorch, as fast as it could be made: the peer of the `step` benchmark.

    python3 peer.py '{"layers": 1, "heads": 4, "d_model": 32, "hidden": 0, "vocabulary": 26, "length": 24, "period": 6,
                      "counted": [1, 23], "positions": "study", "smeared": false, "batch": 256, "threads": 1}'

Prints "ready", torch's version and its GFLOP/s in a product of large matrices once warm; then, for every line `N` read, takes N steps and prints the milliseconds each one took.
Token indices instead of one-hot vectors; queries, keys and values in one product; all weights in one flat tensor with one
AdamW update; attention over batch x heads by batched products. Positions behind the last prediction that counts are left out, and what
stands before the first one is not asked for queries in the last layer, nor for anything behind it. Tokens are drawn uniformly, repeated
where the task repeats: what a task costs to write is Interp's alone.
"""

import json
import math
import sys
import time

import torch
import torch.nn.functional as F

cfg = json.loads(sys.argv[1])
torch.set_num_threads(cfg["threads"])
torch.manual_seed(1)

layers, heads, d_model, vocabulary = cfg["layers"], cfg["heads"], cfg["d_model"], cfg["vocabulary"]
d_head = d_model // heads
batch, length, period, hidden = cfg["batch"], cfg["length"], cfg["period"], cfg["hidden"]
first_counted, last_counted = cfg["counted"]
positions, asked = last_counted, first_counted - 1
standard = cfg["positions"] == "standard"
smeared = cfg["smeared"]
rate, decay, beta1, beta2, epsilon = 1e-3, 1.0, 0.9, 0.999, 1e-8

# One flat parameter; the matrices are views of it.
shapes = [(vocabulary, d_model)]
if standard:
    shapes.append((length, d_model))
for _ in range(layers):
    shapes += [(d_model, 3 * d_model), (d_model, d_model)]
    if smeared:
        shapes.append((heads, length - 1))
    if hidden:
        shapes += [(d_model, hidden), (hidden,), (hidden, d_model), (d_model,)]
shapes.append((d_model, vocabulary))
sizes = [math.prod(shape) for shape in shapes]
flat = torch.empty(sum(sizes))
for part, shape in zip(flat.split(sizes), shapes):
    part.uniform_(-1 / math.sqrt(shape[0]), 1 / math.sqrt(shape[0]))
flat.requires_grad_(True)
first, second = torch.zeros_like(flat), torch.zeros_like(flat)

code = torch.zeros(positions, d_head)
for p in range(1, positions):
    for i in range(d_head):
        angle = p / 10000 ** (2 * i / d_head)
        code[p, i] = math.sin(angle) if i % 2 == 0 else math.cos(angle)
mask = torch.full((positions, positions), float("-inf")).triu(1)
scale = 1 / math.sqrt(d_head)


def by_head(x, count):
    return x.view(batch, -1, count, heads, d_head).permute(2, 0, 3, 1, 4)


def loss_of(tokens):
    parts = iter([part.view(shape) for part, shape in zip(flat.split(sizes), shapes)])
    known, target = tokens[:, :positions].reshape(-1), tokens[:, asked + 1 : positions + 1].reshape(-1)
    x = F.embedding(known, next(parts))
    if standard:
        x = (x.view(batch, positions, d_model) + next(parts)[:positions]).view(-1, d_model)
    for layer in range(layers):
        w_qkv, w_o = next(parts), next(parts)
        start = asked if layer == layers - 1 else 0
        if start:
            rows = x.view(batch, positions, d_model)[:, start:].reshape(-1, d_model)
            q = by_head(rows @ w_qkv[:, :d_model], 1)[0]
            k, v = by_head(x @ w_qkv[:, d_model:], 2)
            x = rows
        else:
            q, k, v = by_head(x @ w_qkv, 3)
        if not standard:
            q = q + code[start:]
        if smeared:
            s = torch.sigmoid(next(parts))[:, : positions - 1, None]
            k = torch.cat([k[:, :, :1], s * k[:, :, 1:] + (1 - s) * k[:, :, :-1]], dim=2)
        if not standard:
            k = k + code
        q = q.reshape(batch * heads, -1, d_head)
        k = k.reshape(batch * heads, positions, d_head)
        v = v.reshape(batch * heads, positions, d_head)
        pattern = torch.baddbmm(mask[start:], q, k.transpose(1, 2), alpha=scale).softmax(-1)
        z = torch.bmm(pattern, v).view(batch, heads, -1, d_head).transpose(1, 2)
        x = x + z.reshape(-1, d_model) @ w_o
        if hidden:
            w_in, b_in, w_out, b_out = next(parts), next(parts), next(parts), next(parts)
            x = x + torch.addmm(b_out, torch.addmm(b_in, x, w_in).relu(), w_out)
    return F.cross_entropy(x @ next(parts), target)


def step(n):
    tokens = torch.randint(vocabulary, (batch, period)).repeat(1, length // period)
    (gradient,) = torch.autograd.grad(loss_of(tokens), flat)
    with torch.no_grad():
        flat.mul_(1 - rate * decay)
        first.lerp_(gradient, 1 - beta1)
        second.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
        denominator = second.sqrt().div_(math.sqrt(1 - beta2**n)).add_(epsilon)
        flat.addcdiv_(first, denominator, value=-rate / (1 - beta1**n))


steps = 0
for _ in range(20):
    steps += 1
    step(steps)
square = torch.ones(512, 512)
fastest = math.inf
for _ in range(10):
    start = time.perf_counter()
    square @ square
    fastest = min(fastest, time.perf_counter() - start)
print("ready", torch.__version__, round(2 * 512**3 / fastest / 1e9), flush=True)
for line in sys.stdin:
    times = []
    for _ in range(int(line)):
        steps += 1
        start = time.perf_counter()
        step(steps)
        times.append(round(1000 * (time.perf_counter() - start), 4))
    print(json.dumps(times), flush=True)
