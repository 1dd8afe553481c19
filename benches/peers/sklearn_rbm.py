"""scikit-learn's contender: BernoulliRBM.fit (PCD-1 with as many chains as the batch has cases).

usage: sklearn_rbm.py EXCERPTS.npy HIDDEN dense|csr

A round is one `fit` with n_iter=1 on the excerpts, tiled to 12 800, as float32; `fit` starts anew each time
and checks its input, which is part of what a user waits for and small.
"""

import sys

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.neural_network import BernoulliRBM
from worker import serve

BATCH, TILED, RATE = 100, 12_800, 0.005


def main():
    path, n_hidden, form = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    excerpts = np.load(path)
    data = np.resize(excerpts, (TILED, excerpts.shape[1])).astype(np.float32)
    if form == "csr":
        data = csr_matrix(data)

    def one_pass():
        BernoulliRBM(n_components=n_hidden, learning_rate=RATE, batch_size=BATCH, n_iter=1, random_state=1).fit(data)
        return TILED

    serve(one_pass)


main()
