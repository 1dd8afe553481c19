"""PyTorch's contenders: an RBM in eager mode on one thread, as a practised user writes it.

usage: torch_rbm.py EXCERPTS.npy HIDDEN ALGORITHM

ALGORITHM is one of
  cd_samples        CD-1, everything sampled; the hidden units of the data drawn twice (the 2016 study)
  cd_probabilities  CD-1 of Hinton's guide, section 3: h sampled to drive, probabilities in the statistics
  pcd               PCD-1, 100 chains, v and h sampled, p(h | v) in both statistics (Tieleman 2008)
  products          the five matrix products of an update alone: 10 · batch · visible · hidden operations
A round is one pass over the excerpts, tiled to 12 800, in batches of 100.
"""

import sys

import numpy as np
import torch
from worker import serve

BATCH, TILED, RATE = 100, 12_800, 0.005


def sample(p):
    # On the processor faster than torch.bernoulli and than a comparison that makes a third tensor.
    return torch.rand_like(p).lt_(p)


class Rbm:
    def __init__(self, data, n_hidden):
        p = data.mean(0).clamp(1e-3, 1 - 1e-3)
        self.w = torch.randn(data.shape[1], n_hidden) * 0.01
        self.a = torch.log(p / (1 - p))
        self.b = torch.zeros(n_hidden)
        self.chains = sample(p.expand(BATCH, -1))

    def p_hidden(self, v):
        return torch.sigmoid(torch.addmm(self.b, v, self.w))

    def p_visible(self, h):
        return torch.sigmoid(torch.addmm(self.a, h, self.w.T))

    def cd_samples(self, v0):
        p0 = self.p_hidden(v0)
        v1 = sample(self.p_visible(sample(p0)))
        self.learn(v0, sample(p0), v1, sample(self.p_hidden(v1)))

    def cd_probabilities(self, v0):
        p0 = self.p_hidden(v0)
        v1 = self.p_visible(sample(p0))
        self.learn(v0, p0, v1, self.p_hidden(v1))

    def pcd(self, v0):
        self.chains = sample(self.p_visible(sample(self.p_hidden(self.chains))))
        self.learn(v0, self.p_hidden(v0), self.chains, self.p_hidden(self.chains))

    def learn(self, v0, h0, v1, h1):
        rate = RATE / len(v0)
        self.w.addmm_(v0.T, h0, alpha=rate).addmm_(v1.T, h1, alpha=-rate)
        self.a.add_((v0 - v1).sum(0), alpha=rate)
        self.b.add_((h0 - h1).sum(0), alpha=rate)

    def products(self, v0):
        if not hasattr(self, "hidden"):
            self.hidden, self.visible = torch.rand(len(v0), len(self.b)), torch.rand_like(v0)
            self.gradient = torch.empty_like(self.w)
        h, v1 = self.hidden, self.visible
        torch.mm(v0, self.w, out=h)
        torch.mm(h, self.w.T, out=v1)
        torch.mm(v1, self.w, out=h)
        torch.mm(v0.T, h, out=self.gradient)
        torch.mm(v1.T, h, out=self.gradient)


def main():
    path, n_hidden, algorithm = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    torch.set_num_threads(1)
    torch.manual_seed(1)
    excerpts = np.load(path)
    data = torch.from_numpy(np.resize(excerpts, (TILED, excerpts.shape[1]))).float()
    update = getattr(Rbm(data, n_hidden), algorithm)

    @torch.inference_mode()
    def one_pass():
        for start in range(0, TILED, BATCH):
            update(data[start : start + BATCH])
        return TILED

    with torch.inference_mode():
        serve(one_pass)


main()
