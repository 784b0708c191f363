"""The lessons: one module each, made of pictures that move when a control moves.

How to add one, here called ``hough``:

1. ``pages/learn/hough.py``: a docstring; ``LESSON = Lesson("hough", sample="coins", controls=(...))``, each control a
   `segmethods.core.registry.Parameter` (those of a method come from `of_method`); ``def thumbnail(bench)``, a picture
   of the running method for the index, as bytes or None; ``def draw(bench)``, the page. It ends with
   ``if __name__ == "__main__":`` and ``show_lesson(LESSON, draw)``.
2. ``assets/lessons/{en,zh}/hough.md``: ``# Title``, one line for the index, then sections ``## Heading {#id}``, drawn
   by ``bench.text("id", level="128")`` with ``{{level}}`` filled in. A ``### question`` in a section and the answer
   after it are drawn by ``bench.questions("id")``, the answer hidden. The section ``source`` ends the page by itself.
   Formulas: ``$...$`` and ``$$...$$``.
3. ``pages/ui/menu.py``: ``Place("hough", Message("Hough transform"), "pages/learn/hough.py", within="learn")``; the
   order there is the order of the lessons. Then ``python -m pages.ui.catalogue``, and translate.

A part of the page that moves is a function under ``@st.fragment`` that draws its controls (``bench.control("level")``
gives the value), asks the method (``bench.run("threshold", level=90)``: evidence and labels, or None after it has said
why not), and shows pictures (`pages.learn.pictures`) and charts (``bench.chart(figure, title)``, dressed by
`pages.ui.plotting.dress`). A lesson computes nothing that a method can put into its evidence; what a network sees
inside comes from a method of family "inside" (`segmethods.introspection`), which ``bench.run`` sends to a worker.
"""
