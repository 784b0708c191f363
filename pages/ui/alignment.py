"""How segments got their class, in a word or two: said beside every score."""

from segmethods.core.messages import Message

ALIGNMENT_NOTES = {
    "by name": Message("by name"),
    "learned": Message("learned on other pictures"),
    "better polarity": Message("upper bound"),
    "majority": Message("upper bound"),
    "hungarian": Message("upper bound, one-to-one"),
    "fitted": Message("once for all pictures"),
}
