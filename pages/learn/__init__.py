"""The lessons: one module each, made of pictures that move when a control moves.

How to add one, here called ``hough``:

1. ``pages/learn/lessons/hough.py``: a docstring; ``LESSON = Lesson("hough", sample="coins", controls=(...))``, each
   control a `segmethods.core.registry.Parameter` (those of a method come from `of_method`); ``def thumbnail(ctx)``, a
   picture of the running method for the index, as bytes or None; ``def draw(ctx)``, the page. It ends with
   ``if __name__ == "__main__":`` and ``show_lesson(LESSON, draw)``.
2. ``assets/lessons/{en,zh}/hough.md``: ``# Title``, one line for the index, then sections ``## Heading {#id}``, drawn
   by ``ctx.text("id", level="128")`` with ``{{level}}`` filled in. A ``### question`` in a section and the answer
   after it are drawn by ``ctx.questions("id")``, the answer hidden. The section ``source`` ends the page by itself.
   Formulas: ``$...$`` and ``$$...$$``. A term of the field is linked where it first stands: ``[loss](word:loss)`` leads
   to the section ``loss`` of ``assets/glossary/{en,zh}.md``.
3. ``pages/ui/menu.py``: ``PageSpec("hough", Message("Hough transform"), "pages/learn/lessons/hough.py",
   within="learn")``; the order there is the order of the lessons. Then ``python -m pages.ui.catalogue``, and translate.

A part of the page that moves is a function under ``@st.fragment`` that draws its controls (``ctx.control("level")``
gives the value), asks the method (``ctx.run("threshold", level=90)``: labels and trace, or None after it has said
why not), and shows pictures (`pages.learn.views`) and charts (``ctx.chart(figure, title)``, styled by
`pages.ui.plotting.style_figure`). A lesson computes nothing that a method can put into its trace; what happens inside
a network comes from a function of `segmethods.introspection`, which ``ctx.inspect(function, rate=3)`` has a worker
call.
"""
