"""Makes optimisers.json: what PyTorch 1.13 comes to in 20 steps of each optimiser and schedule, from the same weights and gradients.

    python3 Interp.Properties/Golden/optimisers.py > Interp.Properties/Golden/optimisers.json

A case's name is the optimiser as Interp prints it. PyTorch counts the steps of a schedule from 0 and Interp from 1, so that a schedule
without a warm-up is moved on once before the first step.
"""

import json

import torch
from torch.optim import lr_scheduler as schedules

STEPS = 20
KEPT = [1, 2, 10, 20]
SHAPES = [[2, 3], [3]]

torch.manual_seed(7)
start = [torch.randn(shape) for shape in SHAPES]
gradients = [[torch.randn(shape) for shape in SHAPES] for _ in range(STEPS)]


def adamw(weights, decay=1.0, matrices=False):
    groups = [{"params": weights[:1]}, {"params": weights[1:], "weight_decay": 0.0 if matrices else decay}]
    return torch.optim.AdamW(groups, lr=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=decay)


def sgd(weights, **settings):
    return torch.optim.SGD(weights, lr=0.1, **settings)


def moved_on(schedule):
    schedule.optimizer.step()
    schedule.step()
    return schedule


def warmed_up(optimiser):
    rise = schedules.LinearLR(optimiser, start_factor=0.2, end_factor=1.0, total_iters=4)
    fall = schedules.CosineAnnealingLR(optimiser, T_max=15, eta_min=0.0)
    return schedules.SequentialLR(optimiser, [rise, fall], milestones=[4])


ADAMW = "adamw; learning-rate 0.01; beta1 0.9; beta2 0.999; epsilon 1e-08; "

CASES = {
    ADAMW + "weight-decay 1 of all; schedule constant; clip none": (adamw, None, None),
    ADAMW + "weight-decay 0.5 of matrices; schedule constant; clip none":
        (lambda w: adamw(w, 0.5, matrices=True), None, None),
    ADAMW + "weight-decay 1 of all; schedule constant; clip 1": (adamw, None, 1.0),
    ADAMW + "weight-decay 1 of all; schedule warm-up 5; clip none":
        (adamw, lambda o: schedules.LinearLR(o, start_factor=0.2, end_factor=1.0, total_iters=4), None),
    ADAMW + "weight-decay 1 of all; schedule cosine to 0.1 at 20; clip none":
        (adamw, lambda o: moved_on(schedules.CosineAnnealingLR(o, T_max=20, eta_min=0.001)), None),
    ADAMW + "weight-decay 1 of all; schedule linear to 0 at 15; clip none":
        (adamw, lambda o: moved_on(schedules.LinearLR(o, start_factor=1.0, end_factor=0.0, total_iters=15)), None),
    ADAMW + "weight-decay 1 of all; schedule jump to 0.1 at 8, jump to 0.01 at 14; clip none":
        (adamw, lambda o: moved_on(schedules.MultiStepLR(o, milestones=[8, 14], gamma=0.1)), None),
    ADAMW + "weight-decay 1 of all; schedule warm-up 5, cosine to 0 at 20; clip none": (adamw, warmed_up, None),
    "sgd; learning-rate 0.1; momentum 0; weight-decay 0 of all; schedule constant; clip none": (sgd, None, None),
    "sgd; learning-rate 0.1; momentum 0.9; weight-decay 0.01 of all; schedule constant; clip none":
        (lambda w: sgd(w, momentum=0.9, weight_decay=0.01), None, None),
    "sgd; learning-rate 0.1; momentum 0.9; nesterov; weight-decay 0.01 of all; schedule constant; clip 0.5":
        (lambda w: sgd(w, momentum=0.9, nesterov=True, weight_decay=0.01), None, 0.5),
    "sgd; learning-rate 0.1; momentum 0.9; weight-decay 0 of all; schedule warm-up 5, cosine to 0 at 20; clip none":
        (lambda w: sgd(w, momentum=0.9), warmed_up, None),
}


def flat(tensors):
    return [x for tensor in tensors for x in tensor.detach().reshape(-1).tolist()]


def run(optimiser, schedule, clip):
    weights = [w.clone().requires_grad_() for w in start]
    optimiser = optimiser(weights)
    # Before there are gradients, so that a schedule that is moved on moves no weight.
    schedule = schedule(optimiser) if schedule else None
    kept = {}
    for step, gradient in enumerate(gradients, 1):
        for w, g in zip(weights, gradient):
            w.grad = g.clone()
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(weights, clip)
        optimiser.step()
        if schedule:
            schedule.step()
        if step in KEPT:
            kept[str(step)] = flat(weights)
    return kept


print(json.dumps({
    "pytorch": torch.__version__,
    "shapes": SHAPES,
    "start": flat(start),
    "gradients": [flat(gradient) for gradient in gradients],
    "weights": {name: run(*case) for name, case in CASES.items()},
}, indent=1))
