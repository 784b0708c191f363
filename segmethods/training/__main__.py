"""``python -m segmethods.training RECIPE --data DIR --out FILE``."""

from segmethods.training.command import main

raise SystemExit(main())
