"""The training step of `interp train` in PyTorch, as fast as it could be made: the peer of the `step` benchmark.

    python3 peer.py '{"layers": 1, "heads": 4, "d_model": 32, "vocabulary": 26, "block_length": 6, "blocks": 4,
                      "batch": 256, "smeared": false, "threads": 1}'

Prints "ready" once warm; then, for every line `N` read, takes N steps and prints the milliseconds each one took.
Token indices instead of one-hot vectors; queries, keys and values in one product; all weights in one flat tensor with one
AdamW update; the last position, which no loss needs, left out; attention over batch x heads by batched products.
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
batch, length = cfg["batch"], cfg["block_length"] * cfg["blocks"]
positions = length - 1
smeared = cfg["smeared"]
rate, decay, beta1, beta2, epsilon = 1e-3, 1.0, 0.9, 0.999, 1e-8

# One flat parameter; the matrices are views of it.
shapes = [(vocabulary, d_model)]
for _ in range(layers):
    shapes += [(d_model, 3 * d_model), (d_model, d_model)]
    if smeared:
        shapes.append((heads, length - 1))
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


def loss_of(tokens):
    weights = [part.view(shape) for part, shape in zip(flat.split(sizes), shapes)]
    known, target = tokens[:, :-1].reshape(-1), tokens[:, 1:].reshape(-1)
    x = F.embedding(known, weights[0])
    at = 1
    for _ in range(layers):
        qkv = (x @ weights[at]).view(batch, positions, 3, heads, d_head).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0] + code, qkv[1], qkv[2]
        if smeared:
            s = torch.sigmoid(weights[at + 2])[:, : positions - 1, None]
            k = torch.cat([k[:, :, :1], s * k[:, :, 1:] + (1 - s) * k[:, :, :-1]], dim=2)
        k = k + code
        q = q.reshape(batch * heads, positions, d_head)
        k = k.reshape(batch * heads, positions, d_head)
        v = v.reshape(batch * heads, positions, d_head)
        pattern = torch.baddbmm(mask, q, k.transpose(1, 2), alpha=scale).softmax(-1)
        z = torch.bmm(pattern, v).view(batch, heads, positions, d_head).transpose(1, 2)
        x = x + z.reshape(batch * positions, d_model) @ weights[at + 1]
        at += 3 if smeared else 2
    return F.cross_entropy(x @ weights[at], target)


def step(n):
    tokens = torch.randint(vocabulary, (batch, cfg["block_length"])).repeat(1, cfg["blocks"])
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
print("ready", torch.__version__, flush=True)
for line in sys.stdin:
    times = []
    for _ in range(int(line)):
        steps += 1
        start = time.perf_counter()
        step(steps)
        times.append(round(1000 * (time.perf_counter() - start), 4))
    print(json.dumps(times), flush=True)
