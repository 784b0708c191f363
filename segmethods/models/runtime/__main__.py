"""``python -m segmethods.models.runtime export``: writes the graphs of the embedded networks into ``assets/graphs``."""

import argparse

from tqdm import tqdm

from segmethods.models.architectures import NETWORKS
from segmethods.models.runtime.conversion import convert_to_graph
from segmethods.models.runtime.openvino import graph_folder, write_model
from segmethods.models.weights import embedded, verified_path

parser = argparse.ArgumentParser(prog="python -m segmethods.models.runtime", description=__doc__)
parser.add_argument("command", choices=["export"])
parser.parse_args()
for weights in tqdm(embedded().values(), desc="Exporting networks", disable=None):
    for part in NETWORKS[weights.network].parts:
        write_model(convert_to_graph(weights, verified_path(weights), part), graph_folder(weights, part))
