#!/usr/bin/env python3
"""Trains the Fashion-MNIST source model of the examples and writes it as ONNX with its model card.

Made with Debian's python3-torch 1.13.1 and dataset-fashion-mnist (both from Debian 12):

    apt-get install python3-torch libopenblas0-pthread dataset-fashion-mnist
    OPENBLAS_NUM_THREADS=1 /usr/bin/python3 examples/models/train_fashion_vit.py

A small vision transformer with a convolutional stem (three convolutions, 28x28 -> 7x7 = 49 tokens), six pre-norm blocks of width 96. The input is the raw image divided by 255; the
normalisation is part of the graph. Accuracy on the 10,000 test images is measured once, after the
last epoch; nothing is selected on it.
"""
import gzip
import hashlib
import json
import math
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

SEED = 20260920
EPOCHS = 10
BATCH = 128
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 0.05
WIDTH, BLOCKS, HEADS, FFN = 96, 6, 4, 192
MEAN, STD = 0.2860, 0.3530
CLASSES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
           "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
DATA = os.environ.get("FASHION_MNIST", "/usr/share/datasets/fashion-mnist")
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fashion-vit.onnx")


def read_idx(name):
    with gzip.open(os.path.join(DATA, name)) as f:
        raw = f.read()
    dims = raw[3]
    shape = [int.from_bytes(raw[4 + 4 * i:8 + 4 * i], "big") for i in range(dims)]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * dims).reshape(shape)


class Linear(nn.Module):
    """x @ weight + bias with weight [in, out], so that the exported initialisers keep their names."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(inputs, outputs) / math.sqrt(inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return torch.matmul(x, self.weight) + self.bias


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k = Linear(WIDTH, WIDTH), Linear(WIDTH, WIDTH)
        self.v, self.o = Linear(WIDTH, WIDTH), Linear(WIDTH, WIDTH)

    def heads(self, x):
        return x.reshape(-1, 49, HEADS, WIDTH // HEADS).transpose(1, 2)

    def forward(self, x):
        q, k, v = self.heads(self.q(x)), self.heads(self.k(x)), self.heads(self.v(x))
        scores = torch.matmul(q, k.transpose(2, 3)) / math.sqrt(WIDTH // HEADS)
        mixed = torch.matmul(torch.softmax(scores, -1), v).transpose(1, 2)
        return self.o(mixed.reshape(-1, 49, WIDTH))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(WIDTH), Attention()
        self.norm2, self.up, self.down = nn.LayerNorm(WIDTH), Linear(WIDTH, FFN), Linear(FFN, WIDTH)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class FashionVit(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem1 = nn.Conv2d(1, 32, 5, 2, 2)
        self.stem2 = nn.Conv2d(32, 64, 3, 1, 1)
        self.stem3 = nn.Conv2d(64, WIDTH, 3, 2, 1)
        self.position = nn.Parameter(torch.randn(1, 49, WIDTH) * 0.02)
        self.blocks = nn.ModuleList(Block() for _ in range(BLOCKS))
        self.norm = nn.LayerNorm(WIDTH)
        self.head = Linear(WIDTH, 10)

    def forward(self, image):
        x = (image - MEAN) / STD
        x = self.stem3(F.gelu(self.stem2(F.gelu(self.stem1(x)))))
        x = x.flatten(2).transpose(1, 2) + self.position
        for block in self.blocks:
            x = block(x)
        tokens = self.norm(x)
        features = tokens.mean(1)
        return self.head(features), features, tokens


def augment(x, generator):
    """Horizontal flip with probability 1/2 and a shift by -1, 0 or 1 pixels, one draw per image."""
    flip = torch.rand(len(x), generator=generator) < 0.5
    x = torch.where(flip[:, None, None, None], x.flip(3), x)
    padded, out = F.pad(x, (1, 1, 1, 1)), torch.empty_like(x)
    shift = torch.randint(0, 9, (len(x),), generator=generator)
    for k in range(9):
        out[shift == k] = padded[shift == k][:, :, k // 3:k // 3 + 28, k % 3:k % 3 + 28]
    return out


def evaluate(model, x, y):
    model.eval()
    with torch.no_grad():
        hits = sum((model(x[i:i + 500])[0].argmax(1) == y[i:i + 500]).sum().item()
                   for i in range(0, len(x), 500))
    model.train()
    return hits / len(x)


def train(model, x, y, generator):
    steps = EPOCHS * (len(x) // BATCH)
    optimiser = torch.optim.AdamW(model.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, steps, pct_start=0.1)
    for epoch in range(EPOCHS):
        order, start, total = torch.randperm(len(x), generator=generator), time.time(), 0.0
        for step in range(len(x) // BATCH):
            index = order[step * BATCH:(step + 1) * BATCH]
            loss = F.cross_entropy(model(augment(x[index], generator))[0], y[index])
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += loss.item()
            if step % 50 == 49:
                print(f"epoch {epoch} step {step + 1} loss {total / (step + 1):.4f} "
                      f"{time.time() - start:.0f} s", flush=True)


def export(model):
    model.eval()
    torch.onnx.export(
        model, torch.zeros(2, 1, 28, 28), OUT, opset_version=17, input_names=["image"],
        output_names=["logits", "features", "tokens"],
        dynamic_axes={name: {0: "batch"} for name in ["image", "logits", "features", "tokens"]})
    return hashlib.sha256(open(OUT, "rb").read()).hexdigest()


def main():
    torch.set_num_threads(1)  # one thread: sums keep their order and the result repeats
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    tensor = lambda name: torch.from_numpy(read_idx(name).astype(np.float32) / 255)[:, None]
    labels = lambda name: torch.from_numpy(read_idx(name).astype(np.int64))
    model = FashionVit()
    parameters = sum(p.numel() for p in model.parameters())
    print(f"{parameters} parameters, torch {torch.__version__}", flush=True)
    train(model, tensor("train-images-idx3-ubyte.gz"), labels("train-labels-idx1-ubyte.gz"), generator)
    accuracy = evaluate(model, tensor("t10k-images-idx3-ubyte.gz"), labels("t10k-labels-idx1-ubyte.gz"))
    card = {
        "name": "fashion-vit",
        "description": "Vision transformer with a convolutional stem for Fashion-MNIST: "
                       f"{BLOCKS} blocks, width {WIDTH}, {HEADS} heads, {parameters} parameters.",
        "file": os.path.basename(OUT),
        "sha256": export(model),
        "licence": "Apache-2.0",
        "classes": CLASSES,
        "input": {"name": "image", "shape": ["batch", 1, 28, 28], "range": [0, 1],
                  "preprocessing": "pixel / 255; the normalisation is part of the graph"},
        "outputs": {"logits": ["batch", 10], "features": ["batch", WIDTH], "tokens": ["batch", 49, WIDTH]},
        "training": {
            "data": "Fashion-MNIST training set, 60,000 images (Zalando Research, MIT licence; "
                    "Debian package dataset-fashion-mnist 0.0~git20200523.55506a9-1)",
            "script": "train_fashion_vit.py", "torch": torch.__version__, "seed": SEED,
            "epochs": EPOCHS, "batch": BATCH, "optimiser": "AdamW, one-cycle",
            "learningRate": LEARNING_RATE, "weightDecay": WEIGHT_DECAY,
            "augmentation": "horizontal flip, shift by up to 1 pixel"},
        "evaluation": {"data": "Fashion-MNIST test set, 10,000 images, clean", "accuracy": accuracy},
    }
    with open(OUT.replace(".onnx", ".json"), "w") as f:
        json.dump(card, f, indent=2)
        f.write("\n")
    print("clean test accuracy", accuracy, flush=True)


if __name__ == "__main__":
    sys.exit(main())
