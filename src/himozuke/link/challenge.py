"""The second direction of the proof: looking for somebody else whom the items fit.

An entry that agrees on nothing on which the number's own entry does not agree is never a rival. One that
agrees on something more, and on nothing less, always is. Where each has something of its own, the fits
are weighed.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from himozuke.link.fit import MARGIN, PLAUSIBLE, TOLERANCE, Credits
from himozuke.link.pattern import Challenge

Flags = npt.NDArray[np.bool_]


def _has_advantage(ours: Credits, theirs: Credits) -> Flags:
    found = np.asarray(ours[0] - theirs[0] > TOLERANCE[0])
    for our, their, tolerance in zip(ours[1:], theirs[1:], TOLERANCE[1:], strict=True):
        found = found | (our - their > tolerance)
    return found


def classify(
    own: Credits,
    own_fit: npt.NDArray[np.int32] | np.int32 | int,
    other: Credits,
    other_fit: npt.NDArray[np.int32] | np.int32 | int,
) -> npt.NDArray[np.uint8]:
    """Say of other entries what they are to a link that has an own entry (Challenge, uint8)."""
    other_leads = _has_advantage(other, own)
    own_leads = _has_advantage(own, other)
    lead = np.asarray(other_fit) - own_fit
    weighed = np.where(lead > MARGIN, Challenge.BETTER, np.where(lead >= -MARGIN, Challenge.EQUAL, Challenge.NONE))
    rival = np.where(own_leads, weighed, Challenge.BETTER)
    plausible = np.where(np.asarray(other_fit) >= PLAUSIBLE, rival, Challenge.NONE)
    alike = np.where(own_leads, Challenge.NONE, Challenge.SHARED)
    return np.where(other_leads, plausible, alike).astype(np.uint8)


def classify_without_own(other_fit: npt.NDArray[np.int32] | np.int32 | int) -> npt.NDArray[np.uint8]:
    """Say of entries whether one is the person of a link whose number is in no entry."""
    return np.where(np.asarray(other_fit) >= PLAUSIBLE, Challenge.BETTER, Challenge.NONE).astype(np.uint8)
