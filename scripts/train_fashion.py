#!/usr/bin/python3
"""Train macppa's default network on Fashion-MNIST and export it as ONNX.

Run once by hand; the result is kept in configs/networks/ and neither the build
nor the tests need PyTorch. On Debian:

    apt install dataset-fashion-mnist python3-torch
    scripts/train_fashion.py

The network takes pixel / 255, shape [batch][1][28][28], with no mean
subtracted, and each later layer follows a ReLU: every multiplier's activation
operand is unsigned. Batch normalisation serves training only and is folded
into the convolutions before export, so the file holds Conv, Relu, MaxPool,
Flatten and Gemm and nothing else.

The last epoch's weights are exported. Test images choose nothing: neither the
epoch nor the seed. One seed and one number of threads on one machine give the
same file byte for byte.
"""

import argparse
import gzip
import math
import os
import struct
import sys
import time
import zlib
from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

DATA = "/usr/share/datasets/fashion-mnist"
OUTPUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir,
                      "configs", "networks", "fashion_lenet.onnx")
OPSET = 13
SHIFT = 2  # largest random shift, pixels
CALIBRATION_IMAGES = 1000  # training images behind the printed ranges


class IdxError(Exception):
    """An IDX file that is not what its header or its name says."""


def read_idx(path, ndim):
    """Read a gzipped IDX file of unsigned bytes (a big-endian header of magic
    0x000008NN, NN dimensions, then data) into a uint8 tensor."""
    try:
        with gzip.open(path, "rb") as stream:
            raw = stream.read()
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise IdxError(f"{path}: cannot be read: {reason}") from error
    header = 4 + 4 * ndim
    if len(raw) < header:
        raise IdxError(f"{path}: {len(raw)} bytes are too short for an IDX header")
    magic, *shape = struct.unpack(f">{1 + ndim}I", raw[:header])
    if magic != 0x0800 + ndim:
        raise IdxError(f"{path}: magic 0x{magic:08x}, expected 0x{0x0800 + ndim:08x}")
    if len(raw) - header != math.prod(shape):
        raise IdxError(f"{path}: {len(raw) - header} bytes of data, "
                       f"the header's shape {shape} needs {math.prod(shape)}")
    data = torch.frombuffer(bytearray(raw), dtype=torch.uint8, offset=header)
    return data.reshape(shape)


def load(folder, prefix):
    """Images as float32 [n][1][28][28] in [0, 1] and labels as int64 [n]."""
    images = read_idx(os.path.join(folder, f"{prefix}-images-idx3-ubyte.gz"), 3)
    labels = read_idx(os.path.join(folder, f"{prefix}-labels-idx1-ubyte.gz"), 1)
    if len(images) != len(labels):
        raise IdxError(f"{folder}: {len(images)} {prefix} images, {len(labels)} labels")
    return images.unsqueeze(1).float() / 255.0, labels.long()


def build_training_network():
    """Three convolutions of 3 x 3 and one Gemm, in the form that is trained.

    The last pool is 3 x 3 with stride 2: it covers 7 x 7 exactly, so that
    rounding up (Caffe) or down (ONNX) makes no difference.
    """
    def block(number, inputs, outputs, pool):
        return [(f"conv{number}", nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)),
                (f"norm{number}", nn.BatchNorm2d(outputs)),
                (f"relu{number}", nn.ReLU()),
                (f"pool{number}", nn.MaxPool2d(pool, stride=2))]

    return nn.Sequential(OrderedDict(
        block(1, 1, 16, pool=2) + block(2, 16, 32, pool=2) + block(3, 32, 64, pool=3)
        + [("flatten", nn.Flatten()), ("dropout", nn.Dropout(0.2)),
           ("fc", nn.Linear(64 * 3 * 3, 10))]))


def fold(network):
    """The same function for inference: batch normalisation folded into the
    convolution before it, dropout removed."""
    layers = OrderedDict()
    for name, layer in network.eval().named_children():
        if isinstance(layer, nn.BatchNorm2d):
            last = next(reversed(layers))
            layers[last] = fuse_conv_bn_eval(layers[last], layer)
        elif not isinstance(layer, nn.Dropout):
            layers[name] = layer
    return nn.Sequential(layers).eval()


def augment(images, generator):
    """Mirror each image with probability 1/2 and shift it by up to SHIFT pixels
    each way, zeros moving in."""
    count, _, height, width = images.shape
    padded = functional.pad(images[:, 0], [SHIFT] * 4)
    down, right = torch.randint(0, 2 * SHIFT + 1, (2, count, 1), generator=generator)
    rows = torch.arange(height) + down
    columns = torch.arange(width) + right
    mirrored = torch.rand(count, 1, generator=generator) < 0.5
    columns = torch.where(mirrored, columns.flip(1), columns)
    each = torch.arange(count)[:, None, None]
    return padded[each, rows[:, :, None], columns[:, None, :]].unsqueeze(1)


def train(network, images, labels, args):
    """Nesterov SGD; the rate rises over the first epoch, then falls as a cosine."""
    generator = torch.Generator().manual_seed(args.seed)
    steps_an_epoch = len(images) // args.batch
    steps = args.epochs * steps_an_epoch
    warm = min(steps_an_epoch, steps // 4)

    def rate(step):
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1.0 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))

    optimizer = torch.optim.SGD(network.parameters(), lr=args.rate, momentum=0.9,
                                nesterov=True, weight_decay=args.decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    network.train()
    for epoch in range(args.epochs):
        start = time.monotonic()
        loss_sum = 0.0
        order = torch.randperm(len(images), generator=generator)
        for step in range(steps_an_epoch):
            chosen = order[step * args.batch:(step + 1) * args.batch]
            logits = network(augment(images[chosen], generator))
            loss = functional.cross_entropy(logits, labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            loss_sum += loss.item()
        print(f"epoch {epoch + 1:3d}/{args.epochs}  "
              f"loss {loss_sum / steps_an_epoch:.4f}  "
              f"{time.monotonic() - start:.1f} s", flush=True)


@torch.no_grad()
def count_correct(network, images, labels):
    return sum((network(some).argmax(1) == truth).sum().item()
               for some, truth in zip(images.split(500), labels.split(500)))


@torch.no_grad()
def print_layers(network, images):
    """One row a layer with multipliers: its shapes, MACs and weights, and the
    range of its input, which an 8-bit unsigned activation has to cover."""
    print(f"{'layer':<6} {'input':<10} {'output':<10} {'MACs':>9} {'weights':>8} "
          f"{'biases':>6} {'max|w|':>7} {'in max':>7} {'in 99.9%':>8}")
    totals = [0, 0, 0]
    for name, layer in network.named_children():
        inputs, images = images, layer(images)
        if not isinstance(layer, (nn.Conv2d, nn.Linear)):
            continue
        if inputs.min() < 0:
            raise ValueError("a layer's input is negative; activations must be unsigned")
        weights = layer.weight.numel()
        positions = images[0, 0].numel()
        row = [weights * positions, weights, layer.bias.numel()]
        totals = [total + value for total, value in zip(totals, row)]
        ordered = inputs.flatten().sort().values
        print(f"{name:<6} "
              f"{'x'.join(map(str, inputs.shape[1:])):<10} "
              f"{'x'.join(map(str, images.shape[1:])):<10} "
              f"{row[0]:9d} {row[1]:8d} {row[2]:6d} "
              f"{layer.weight.abs().max().item():7.3f} {ordered[-1].item():7.3f} "
              f"{ordered[int(0.999 * (len(ordered) - 1))].item():8.3f}")
    print(f"{'total':<28} {totals[0]:9d} {totals[1]:8d} {totals[2]:6d}")


def export(network, path):
    """Write beside and rename, so that an interrupted run leaves no half file."""
    temporary = path + ".tmp"
    torch.onnx.export(network, torch.zeros(1, 1, 28, 28), temporary,
                      opset_version=OPSET, export_params=True,
                      input_names=["image"], output_names=["logits"],
                      dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}})
    os.replace(temporary, path)
    print(f"{path}: {os.path.getsize(path)} bytes")


def parse_arguments():
    parser = argparse.ArgumentParser(
        description="Train a small CNN on Fashion-MNIST and export it as ONNX.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--data", default=DATA, help="folder of the gzipped IDX files")
    parser.add_argument("--output", default=os.path.normpath(OUTPUT), help="file to write")
    parser.add_argument("--epochs", type=int, default=30, help="passes over the data")
    parser.add_argument("--seed", type=int, default=1, help="of weights, order, shifts")
    parser.add_argument("--batch", type=int, default=128, help="images a step")
    parser.add_argument("--rate", type=float, default=0.05, help="highest learning rate")
    parser.add_argument("--decay", type=float, default=5e-4, help="weight decay")
    parser.add_argument("--threads", type=int, default=2, help="threads of PyTorch")
    args = parser.parse_args()
    if args.epochs < 1 or args.threads < 1 or not 1 <= args.batch <= 60000:
        parser.error("--epochs, --threads and --batch (up to 60000) must be 1 or more")
    folder = os.path.dirname(os.path.abspath(args.output))
    if not os.access(folder, os.W_OK):
        parser.error(f"--output: {folder} is not a folder that can be written to")
    return args


def main():
    args = parse_arguments()
    torch.set_num_threads(args.threads)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(args.seed)
    try:
        images, labels = load(args.data, "train")
        test_images, test_labels = load(args.data, "t10k")
    except IdxError as error:
        print(f"train_fashion: {error}\n(Debian: apt install dataset-fashion-mnist, "
              "or name the folder with --data)", file=sys.stderr)
        return 1

    print(f"torch {torch.__version__}, seed {args.seed}, {args.threads} threads, "
          f"{args.epochs} epochs of {len(images)} images")
    start = time.monotonic()
    network = build_training_network()
    train(network, images, labels, args)
    print(f"trained in {(time.monotonic() - start) / 60.0:.1f} minutes")

    folded = fold(network)
    print_layers(folded, images[:CALIBRATION_IMAGES])
    correct = count_correct(folded, test_images, test_labels)
    print(f"float32 test accuracy: {correct} of {len(test_labels)} correct")
    export(folded, args.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
