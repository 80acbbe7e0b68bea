"""Models of every kind of positions and smears, and what PyTorch computes of them: the files beside this one (README.md).

    python3 positions.py

An attention-only transformer written for this purpose alone, in float64; numbers are rounded to float32 when they are written.
"""

import json
import pathlib
import struct

import torch

torch.set_default_dtype(torch.float64)
torch.manual_seed(13)

HEADS, MODEL, HEAD, VOCAB, CONTEXT, SEQUENCES = 2, 6, 4, 7, 8, 4

KINDS = {
    "standard": ("standard", "none", 2),
    "standard_no_layers": ("standard", "none", 0),
    "rotary": ("rotary", "none", 2),
    "rotary_both_smeared": ("rotary", "both", 2),
    "study_queries_smeared": ("study", "queries", 2),
    "none_keys_smeared": ("none", "keys", 3),
}


def write(path, tensors, metadata=None):
    """A .safetensors file: the header's length, the header as JSON, the data."""
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, tensor in tensors.items():
        whole = tensor.dtype == torch.int64
        bytes_ = tensor.detach().contiguous().to(torch.int64 if whole else torch.float32).numpy().tobytes()
        header[name] = {
            "dtype": "I64" if whole else "F32",
            "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(bytes_)],
        }
        data += bytes_
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def drawn(*shape, scale):
    # Rounded to float32 first, so that both programs begin with the same numbers.
    return (torch.randn(*shape) * scale).float().double().requires_grad_()


def weights(positions, smear, layers):
    w = {"embed.W_E": drawn(VOCAB, MODEL, scale=1.0)}
    if positions == "standard":
        w["pos_embed.W_pos"] = drawn(CONTEXT, MODEL, scale=1.0)
    for layer in range(layers):
        at = f"blocks.{layer}.attn."
        for name in ("W_Q", "W_K", "W_V"):
            w[at + name] = drawn(HEADS, MODEL, HEAD, scale=MODEL**-0.5)
        w[at + "W_O"] = drawn(HEADS, HEAD, MODEL, scale=(HEADS * HEAD) ** -0.5)
        if smear in ("keys", "both"):
            w[at + "smear"] = drawn(HEADS, CONTEXT - 1, scale=1.0)
        if smear in ("queries", "both"):
            w[at + "smear_q"] = drawn(HEADS, CONTEXT - 1, scale=1.0)
    w["unembed.W_U"] = drawn(MODEL, VOCAB, scale=MODEL**-0.5)
    return w


def smeared(x, logits):
    """x [sequence, head, position, entry], each mixed with the one before it."""
    if logits is None:
        return x
    share = torch.cat([torch.ones(HEADS, 1), torch.sigmoid(logits)], dim=1)[None, :, :, None]
    return share * x + (1 - share) * torch.roll(x, 1, dims=2)


def placed(x, positions):
    p = torch.arange(CONTEXT)[:, None].double()
    if positions == "rotary":
        # Pairs of entries as complex numbers, turned.
        pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], HEAD // 2, 2))
        angles = p * 10000.0 ** (-2.0 * torch.arange(HEAD // 2) / HEAD)
        return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).reshape(x.shape)
    if positions == "study":
        i = torch.arange(HEAD)
        angles = p / 10000.0 ** (2.0 * i / HEAD)
        code = torch.where(i % 2 == 0, torch.sin(angles), torch.cos(angles))
        code[0] = 0
        return x + code
    return x


def forward(w, positions, layers, tokens):
    x = w["embed.W_E"][tokens]
    if positions == "standard":
        x = x + w["pos_embed.W_pos"]
    patterns = []
    for layer in range(layers):
        at = f"blocks.{layer}.attn."
        q, k, v = (torch.einsum("bpm,hmd->bhpd", x, w[at + name]) for name in ("W_Q", "W_K", "W_V"))
        q = placed(smeared(q, w.get(at + "smear_q")), positions)
        k = placed(smeared(k, w.get(at + "smear")), positions)
        scores = q @ k.transpose(-1, -2) / HEAD**0.5
        later = torch.triu(torch.ones(CONTEXT, CONTEXT, dtype=torch.bool), 1)
        patterns.append(scores.masked_fill(later, -torch.inf).softmax(-1))
        x = x + torch.einsum("bhpd,hdm->bpm", patterns[-1] @ v, w[at + "W_O"])
    return x @ w["unembed.W_U"], patterns


for name, (positions, smear, layers) in KINDS.items():
    w = weights(positions, smear, layers)
    tokens = torch.randint(VOCAB, (SEQUENCES, CONTEXT))
    logits, patterns = forward(w, positions, layers, tokens)
    loss = torch.nn.functional.cross_entropy(logits[:, :-1].reshape(-1, VOCAB), tokens[:, 1:].reshape(-1))
    loss.backward()
    here = pathlib.Path(__file__).parent
    sizes = {
        "n_layers": layers, "n_heads": HEADS, "d_model": MODEL, "d_head": HEAD, "d_vocab": VOCAB, "n_ctx": CONTEXT,
        "positions": positions, "smear": smear, "block_length": 4, "blocks": 2, "seed": 13, "steps": 0,
    }
    write(here / f"{name}.safetensors", w, {key: str(value) for key, value in sizes.items()})
    computed = {"tokens": tokens, "logits": logits, "loss": loss.reshape(1)}
    computed |= {f"blocks.{layer}.attn.pattern": pattern for layer, pattern in enumerate(patterns)}
    computed |= {f"grad.{key}": value.grad for key, value in w.items()}
    write(here / f"{name}.fixture.safetensors", computed)
