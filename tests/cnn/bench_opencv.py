#!/usr/bin/python3
"""bench_opencv.py ENGINES [NETWORK...]: images a second of our engines and of OpenCV's dnn.

Both sides run the same images on the same two cores, in one run: OpenCV with two threads and the
batch that suits it best, ours as the program bench_cnn_engines (ENGINES). Short runs alternate and
the best of each counts; only inference is timed, no file and no calibration. Ours decodes nothing
there but turns bytes to numbers and makes its buffers; OpenCV's input is ready in memory.

OpenCV is Debian's python3-opencv, so this runs with Debian's Python. Without it, or without
../shared/cnn, nothing is measured (exit 77).
"""

import os
import subprocess
import sys
import time

try:
    import cv2
    import numpy
except ImportError as missing:
    print(f"{missing}: skipped (scripts/install-deps bench)")
    sys.exit(77)

THREADS = 2
ROUNDS = 7
IMAGES = 32
BATCHES = (1, 2, 4, 8)
# fixed8 is uint8 but where values can be negative: the image.
ENGINES = (
    "float32",
    "fake:int8:uint8",
    "fake:e4m3:uint8",
    "fake:int8:fixed8",
    "integer:int8:uint8",
    "integer:int8:fixed8",
)
# Name: architecture, weights, input size.
NETWORKS = {
    "SqueezeNet v1.0": (
        "squeezenet_v1.0/SqueezeNet_deploy.prototxt",
        "squeezenet_v1.0/squeezenet_v1.0.caffemodel",
        227,
    ),
    "SqueezeNet v1.1": (
        "squeezenet_v1.1/deploy.prototxt",
        "squeezenet_v1.1/squeezenet_v1.1.caffemodel",
        227,
    ),
    "GoogLeNet": ("architectures/googlenet.prototxt", "googlenet/bvlc_googlenet.caffemodel", 224),
}


def shared_folder():
    root = os.environ.get("MACPPA_SOURCE_ROOT", ".")
    return os.path.join(os.environ.get("MACPPA_SHARED", os.path.join(root, "../shared")), "cnn")


def read_images(folder, size):
    """images[IMAGES][3][size][size] as Caffe's networks take them, and their classes."""
    images, classes = [], []
    with open(os.path.join(folder, "labels.txt"), encoding="utf-8") as lines:
        for line in list(lines)[:IMAGES]:
            name, label = line.rsplit(None, 1)
            image = cv2.imread(os.path.join(folder, name))
            top, left = (image.shape[0] - size) // 2, (image.shape[1] - size) // 2
            images.append(image[top : top + size, left : left + size])
            classes.append(int(label))
    return cv2.dnn.blobFromImages(images, mean=(104, 117, 123)), numpy.array(classes)


class OpenCV:
    def __init__(self, architecture, weights, images, classes):
        self.net = cv2.dnn.readNetFromCaffe(architecture, weights)
        self.images, self.classes = images, classes
        took = {}
        for _ in range(4):  # memory and kernels are made in the first pass
            for batch in BATCHES:
                took[batch] = min(took.get(batch, 1e9), self.forward(batch, 8)[0])
        self.batch = min(took, key=took.get)

    def forward(self, batch, count):
        """Seconds an image over the first `count` images at least, and how many are right."""
        seconds, done, right = 0.0, 0, 0
        while done < count:
            part = self.images[done : done + batch]
            start = time.perf_counter()
            self.net.setInput(part)
            scores = self.net.forward()
            seconds += time.perf_counter() - start
            best = scores.reshape(len(part), -1).argmax(axis=1)
            right += int((best == self.classes[done : done + len(part)]).sum())
            done += len(part)
        return seconds / done, right


class Ours:
    def __init__(self, program, architecture, weights, labels, size):
        command = [program, architecture, weights, labels, f"caffe-{size}", str(IMAGES), *ENGINES]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if self.process.stdout.readline() != "ready\n":
            sys.exit(f"{program} does not start")

    def forward(self, engine):
        self.process.stdin.write(f"{engine}\n")
        self.process.stdin.flush()
        seconds, top1, _ = self.process.stdout.readline().split()
        return float(seconds) / IMAGES, int(top1)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compare(name, program, shared):
    architecture, weights, size = NETWORKS[name]
    architecture, weights = os.path.join(shared, architecture), os.path.join(shared, weights)
    folder = os.path.join(shared, "imagenet_val300")
    images, classes = read_images(folder, size)
    opencv = OpenCV(architecture, weights, images, classes)
    ours = Ours(program, architecture, weights, os.path.join(folder, "labels.txt"), size)
    best = [1e9] * (1 + len(ENGINES))
    right = [0] * (1 + len(ENGINES))
    for _ in range(ROUNDS):
        for column in range(1 + len(ENGINES)):
            if column == 0:
                took, right[0] = opencv.forward(opencv.batch, IMAGES)
            else:
                took, right[column] = ours.forward(column - 1)
            best[column] = min(best[column], took)
    ours.close()
    print(f"{name}, {IMAGES} images, images a second:")
    names = (f"OpenCV {cv2.__version__}, batch {opencv.batch}", *ENGINES)
    for column, what in enumerate(names):
        print(
            f"    {what:<24} {1 / best[column]:7.1f}"
            f"   {best[0] / best[column]:5.2f} of OpenCV"
            f"   {best[1] / best[column]:5.2f} of float32"
            f"   {right[column]} right",
            flush=True,
        )


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    shared = shared_folder()
    if not os.path.isdir(shared):
        print(f"{shared} is not there: skipped")
        sys.exit(77)
    cv2.setNumThreads(THREADS)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
    for name in sys.argv[2:] or NETWORKS:
        compare(name, sys.argv[1], shared)


if __name__ == "__main__":
    main()
