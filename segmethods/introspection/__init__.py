"""What happens inside networks, and inside Canny's detector: functions that lessons ask.

Each function takes an image and keyword parameters, whose annotations are the form of a lesson's controls, as those of
a method are. It gives a typed record: what a network did on the way to an answer, or how the answer changes when a part
of the network is left out. Lessons have `segmethods.introspection.shared` run them in a worker.
"""
