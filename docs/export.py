import json
import struct


def export(path, weights, n_ctx, **more):
    """A model as Interp reads it. Weights: tensors or nested lists. More: steps, positions, smear, task."""
    lists = {name: w.tolist() if hasattr(w, "tolist") else w for name, w in weights.items()}
    shape = lambda w: [len(w)] + shape(w[0]) if isinstance(w, list) else []
    flat = lambda w: [x for row in w for x in flat(row)] if isinstance(w, list) else [w]
    d_vocab, d_model = shape(lists["embed.W_E"])
    n_heads, _, d_head = shape(lists["blocks.0.attn.W_Q"])
    n_layers = sum(name.endswith("W_Q") for name in lists)
    fields = dict(n_layers=n_layers, n_heads=n_heads, d_model=d_model, d_head=d_head, d_vocab=d_vocab)
    fields.update(n_ctx=n_ctx, **dict(dict(steps=0, positions="study", smear="none"), **more))
    header, data = {"__metadata__": {key: str(value) for key, value in fields.items()}}, b""
    for name, w in lists.items():
        numbers = struct.pack(f"<{len(flat(w))}f", *flat(w))
        place = [len(data), len(data) + len(numbers)]
        header[name] = dict(dtype="F32", shape=shape(w), data_offsets=place)
        data += numbers
    head = json.dumps(header).encode()
    open(path, "wb").write(struct.pack("<Q", len(head)) + head + data)
