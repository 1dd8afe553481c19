"""The parts of scripts/composing_figures.py."""
