"""Makes every mask of this folder again and says whether it is the same, bit for bit: python reproduce.py.

It needs segmethods, in the version that settings.json names, and weights of your own where masks were made with them.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

try:
    import numpy as np

    import segmethods as sm
    from segmethods.io.label_png import decode_labels
except ModuleNotFoundError as missing:
    made_with = json.loads((HERE / "settings.json").read_text(encoding="utf-8"))["versions"]["segmethods"]
    sys.exit(
        f"This needs {missing.name}, which is not installed. Add it: pip install 'segmethods[networks]=={made_with}'"
    )


def main() -> int:
    """Make the masks again; the exit status is 0 if all are the same."""
    settings = json.loads((HERE / "settings.json").read_text(encoding="utf-8"))
    if settings["versions"]["segmethods"] != sm.__version__:
        print(f"Made with segmethods {settings['versions']['segmethods']}; this is {sm.__version__}.")
    different = 0
    for result in settings["results"]:
        image = sm.load_image(HERE / result["picture"], page=result["page"])
        try:
            made = sm.segment(image, result["method"], **result["params"])
        except sm.SegmethodsError as error:
            print(f"failed     {result['mask']}: {error}")
            different += 1
            continue
        kept = decode_labels((HERE / result["mask"]).read_bytes(), result["mask"])
        same = np.array_equal(made.labels, kept)
        different += not same
        print(f"{'same' if same else 'different':10} {result['mask']}")
    print(f"{len(settings['results']) - different} of {len(settings['results'])} masks are the same, bit for bit.")
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
