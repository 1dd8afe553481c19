"""The contender of the research library rbms 0.5.0: PCD-1 with 100 chains on one thread.

usage: rbms_pcd.py EXCERPTS.npy HIDDEN centered|plain

The body of the loop in rbms.training.pcd.train, without its HDF5 file and its progress bar. Centered gradients
are what it does unless it is started with --no_center. A round is 128 updates with batches of 100 from the
excerpts, tiled to 12 800.
"""

import sys

import numpy as np
import torch
from rbms.bernoulli_bernoulli.classes import BBRBM
from rbms.dataset.dataset_class import RBMDataset
from rbms.training.pcd import fit_batch_pcd
from torch.optim import SGD
from worker import serve

BATCH, CHAINS, TILED, RATE = 100, 100, 12_800, 0.005


def main():
    path, n_hidden, is_centered = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "centered"
    torch.set_num_threads(1)
    torch.manual_seed(1)
    excerpts = np.load(path)
    data = np.resize(excerpts, (TILED, excerpts.shape[1])).astype(np.float32)
    names, labels, weights = np.arange(TILED).astype(str), np.zeros(TILED, np.int32), np.ones(TILED, np.float32)
    dataset = RBMDataset(data, labels, weights, names, "excerpts", is_binary=True, device="cpu")
    params = BBRBM.init_parameters(n_hidden, dataset, torch.device("cpu"), torch.float32)
    params.init_grad()
    optimizer = SGD(params.parameters(), lr=RATE, maximize=True)
    chains = params.init_chains(num_samples=CHAINS)

    def one_pass():
        nonlocal chains
        for _ in range(TILED // BATCH):
            chosen = torch.randperm(len(dataset))[:BATCH]
            batch = (dataset.data[chosen], dataset.weights[chosen])
            optimizer.zero_grad(set_to_none=False)
            chains, _logs = fit_batch_pcd(batch, chains, params, gibbs_steps=1, beta=1.0, centered=is_centered)
            optimizer.step()
        return TILED

    with torch.no_grad():
        serve(one_pass)


main()
