"""NTU RGB+D: 60 actions, 40 subjects, 3 cameras, 56,880 sequences of up to two bodies of Kinect v2 (25 joints).

Shahroudy, Liu, Ng, Wang, "NTU RGB+D: A large scale dataset for 3D human activity analysis", CVPR 2016. Published as one
text file a sequence, SsssCcccPpppRrrrAaaa.skeleton: setup, camera, performer, replication, action. A file is the number
of frames; for each frame the number of bodies; for each body a line about it (its tracking number first), the number of
joints, and a line of 12 numbers a joint, x, y, z in metres first.

Of a body that moves more the coordinates vary more: the two that vary most are kept, the most moving one first, as the
authors answer on the data set's page. 302 files miss bodies; the authors' list of them
(*samples_with_missing_skeletons*.txt, beside the files or above them) is followed: what it names is left out.

Protocols: cross-subject (20 training subjects), cross-view (cameras 2 and 3 train, camera 1 tests).
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track

from codesign.errors import UserError
from quant.data import files
from quant.data.datasets import Reader
from quant.data.layouts import KINECT2
from quant.data.sequences import LONGEST, Sequences
from quant.data.splits import Split, by, by_subject

CLASSES = (
    "drink water", "eat meal or snack", "brushing teeth", "brushing hair", "drop", "pickup", "throw", "sitting down",
    "standing up", "clapping", "reading", "writing", "tear up paper", "wear jacket", "take off jacket", "wear a shoe",
    "take off a shoe", "wear on glasses", "take off glasses", "put on a hat or cap", "take off a hat or cap",
    "cheer up", "hand waving", "kicking something", "reach into pocket", "hopping", "jump up", "answer phone",
    "playing with phone or tablet", "typing on a keyboard", "pointing to something with finger", "taking a selfie",
    "check time", "rub two hands together", "nod head or bow", "shake head", "wipe face", "salute",
    "put the palms together", "cross hands in front", "sneeze or cough", "staggering", "falling", "touch head",
    "touch chest", "touch back", "touch neck", "nausea or vomiting condition", "use a fan or feeling warm",
    "punching or slapping other person", "kicking other person", "pushing other person",
    "pat on back of other person", "point finger at the other person", "hugging other person",
    "giving something to other person", "touch other person's pocket", "handshaking", "walking towards each other",
    "walking apart from each other",
)  # fmt: skip
FILE = r"S(\d{3})C(\d{3})P(\d{3})R(\d{3})A(\d{3})"
PLACES = ("nturgb+d_skeletons",)
TRAINING_SUBJECTS = (1, 2, 4, 5, 8, 9, 13, 14, 15, 16, 17, 18, 19, 25, 27, 28, 31, 34, 35, 38)
ACTIONS, SUBJECTS = range(1, 61), range(1, 41)
TRAINING_CAMERAS, TEST_CAMERAS = (2, 3), (1,)
MANY = 1000  # files (some 6 s), from which on progress is shown
BODIES, JOINTS, PER_BODY, PER_JOINT = 2, len(KINECT2.joints), 10, 12


class _Words:
    """The words of a .skeleton file, taken one after the other; `name` and the frame are told where they fail."""

    def __init__(self, text: str, name: str) -> None:
        self._words, self._at, self._name, self.frame = text.split(), 0, name, -1

    def take(self, count: int) -> list[str]:
        words = self._words[self._at : self._at + count]
        if len(words) < count:
            raise UserError(f"{self._name} ends {self._where()}: it is truncated.")
        self._at += count
        return words

    def whole(self, what: str) -> int:
        (word,) = self.take(1)
        if not word.isdecimal():
            raise UserError(f"{self._name} has {word!r} as {what} {self._where()}, no whole number: it is damaged.")
        return int(word)

    def body(self, number: int) -> tuple[str, np.ndarray]:
        """The next body, `number` of its frame: its tracking number and its joints, float64 [25, 3]."""
        identity = self.take(PER_BODY)[0]
        if (count := self.whole("number of joints")) != JOINTS:
            raise UserError(f"{self._name} has {count} joints {self._where()}; it must have {JOINTS} (Kinect v2).")
        numbers = self.take(JOINTS * PER_JOINT)
        try:
            joints = np.array([[float(word) for word in numbers[axis::PER_JOINT]] for axis in range(3)]).T
        except ValueError as error:
            raise UserError(
                f"{self._name} has no number for a joint {self._where()} ({error}): it is damaged."
            ) from error
        bad = np.flatnonzero(~np.isfinite(joints).all(axis=1))
        if len(bad):
            raise UserError(
                f"{self._name}, frame {self.frame}, body {number}, joint {KINECT2.joints[bad[0]]} is not finite: "
                "repair or drop that sequence."
            )
        return identity, joints

    def end(self) -> None:
        if self._at != len(self._words):
            raise UserError(f"{self._name} goes on after frame {self.frame}, its last: it is damaged.")

    def _where(self) -> str:
        return f"in frame {self.frame}" if self.frame >= 0 else "before its first frame"


def sequence(text: str, name: str) -> np.ndarray:
    """float32 [frames, 2 * 25, 3] of a .skeleton file's text, called `name` where it is refused."""
    words = _Words(text, name)
    frames = words.whole("number of frames")
    if frames > LONGEST:
        raise UserError(f"{name} tells of {frames} frames, more than {LONGEST}: it is no single action.")
    tracks: dict[str, np.ndarray] = {}
    for words.frame in range(frames):
        for number in range(words.whole("number of bodies")):
            identity, joints = words.body(number)
            tracks.setdefault(identity, np.zeros((frames, JOINTS, 3)))[words.frame] = joints
    words.end()
    shown = [track for track in tracks.values() if track.any()]  # some trackers report a lost body as zeros
    if not shown:
        raise UserError(
            f"{name} shows no body: put the authors' list of samples with missing skeletons beside the files, which "
            "leaves it out, or move it away."
        )
    bodies = sorted(shown, key=_motion, reverse=True)[:BODIES]
    bodies += [np.zeros_like(bodies[0])] * (BODIES - len(bodies))
    return np.concatenate(bodies, axis=1).astype(np.float32)


def _motion(track: np.ndarray) -> float:
    """How much a body moves: the variances of its joints' coordinates over the frames that show it, added up."""
    return float(track[track.any(axis=(1, 2))].var(axis=0).sum())


def _unusable(folder: Path) -> set[str]:
    """The samples that the authors' list names, if it is in `folder` or in the one above."""
    lists = [path for place in (folder, folder.parent) for path in place.glob("*samples_with_missing_skeletons*.txt")]
    return {match[0] for path in lists for match in re.finditer(FILE, path.read_text(encoding="latin-1"))}


def read(folder: Path) -> tuple[Sequences, np.ndarray]:
    """All sequences but those on the authors' list, and the camera of each (int64 [n])."""
    texts = files.texts(folder, FILE + r"\.skeleton", PLACES)
    unusable = _unusable(folder)
    usable = [file for file in texts if file.removesuffix(".skeleton") not in unusable]
    about, frames = [], []
    shown = track(usable, "reading NTU RGB+D", console=Console(stderr=True), transient=True)
    for file in shown if len(usable) >= MANY else usable:
        name = f"{file} in {folder}"
        _, camera, subject, _, action = (int(word) for word in re.match(FILE, file).groups())  # type: ignore[union-attr]
        if action not in ACTIONS or subject not in SUBJECTS:
            raise UserError(
                f"{name} is of action {action} and subject {subject}; NTU RGB+D has actions 1 to {ACTIONS[-1]} and "
                f"subjects 1 to {SUBJECTS[-1]} (those of NTU RGB+D 120 are not read: move them away)."
            )
        frames.append(sequence(texts[file](), name))
        about.append((action - 1, subject, camera))
    labels, subjects, cameras = np.array(about, np.int64).reshape(-1, 3).T
    return Sequences(tuple(frames), labels, subjects, CLASSES, KINECT2, BODIES, tuple(usable)), cameras


def _open(folder: Path, protocol: str) -> tuple[Sequences, list[Split]]:
    data, cameras = read(folder)
    if protocol == "cross-view":
        return data, [by(cameras, TRAINING_CAMERAS, TEST_CAMERAS, "camera")]
    return data, [by_subject(data, TRAINING_SUBJECTS, sorted(set(SUBJECTS) - set(TRAINING_SUBJECTS)))]


DATASET = Reader(
    key="ntu",
    title="NTU RGB+D",
    reference="Shahroudy, Liu, Ng, Wang, CVPR 2016",
    holds=f"SsssCcccPpppRrrrAaaa.skeleton (in the open or in {PLACES[0]}/)",
    protocols=("cross-subject", "cross-view"),
    recognise=lambda folder: bool(files.texts(folder, FILE + r"\.skeleton", PLACES)),
    read=_open,
)
