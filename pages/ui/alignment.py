"""How segments got their class, in a word or two: said beside every score."""

from segmethods.core.messages import Message

ALIGNMENT_NOTES = {
    "by name": Message("by name"),
    "better polarity": Message("better side"),
    "majority": Message("by majority"),
    "hungarian": Message("one-to-one"),
    "fitted": Message("once for all pictures"),
}
