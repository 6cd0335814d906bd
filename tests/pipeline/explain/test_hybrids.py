"""Hybrid documents: what they are joined from, and when a method finds a class in one."""

import numpy as np
import pytest

from pipeline.explain import hybrids


def pieces(counts, seed=0):
    """{class: pieces}; a piece of class k holds numbers from 1000 k on, so that each says where it is from."""
    random = np.random.default_rng(seed)
    return {k: [1000 * k + np.arange(random.integers(1, 9)) + 10 * n for n in range(m)] for k, m in counts.items()}


def test_documents_hold_as_many_pieces_of_either_class_and_say_whose():
    given = pieces({0: 20, 1: 20, 2: 20})
    found = hybrids.joined(given, 30, 100, np.random.default_rng(1))
    assert len(found) == 30
    assert {document.classes for document in found} >= {(0, 1), (1, 0), (0, 2), (2, 1)}
    for document in found:
        assert set(document.owners) == set(document.classes)
        assert (document.elements // 1000 == document.owners).all()
        starts = {1000 * k + 10 * n for k in document.classes for n in range(20)}
        assert sum(int(one) in starts for one in document.elements) == 2 * hybrids.PIECES
    again = hybrids.joined(given, 30, 100, np.random.default_rng(1))
    assert all((one.elements == other.elements).all() for one, other in zip(found, again, strict=True))


@pytest.mark.parametrize("longest", [2, 5, 12])
def test_they_fit_in_what_a_network_reads(longest):
    for document in hybrids.joined(pieces({0: 9, 1: 2}), 20, longest, np.random.default_rng(0)):
        assert 2 <= len(document.elements) <= longest
        assert set(document.owners) == {0, 1}


def test_one_class_alone_makes_none():
    random = np.random.default_rng(0)
    assert hybrids.joined(pieces({0: 5}), 10, 100, random) == []
    assert hybrids.joined({0: [np.arange(3)], 1: []}, 10, 100, random) == []
    assert hybrids.joined(pieces({0: 5, 1: 5}), 10, 1, random) == []


def test_a_hit_is_the_highest_element_in_a_piece_of_the_class():
    document = hybrids.Hybrid(np.arange(4), np.array([1, 1, 0, 0]), (0, 1))
    assert hybrids.hit(document, np.array([0.1, 0.2, 0.9, 0.0]), 0)
    assert not hybrids.hit(document, np.array([0.1, 0.2, 0.9, 0.0]), 1)
    assert hybrids.hit(document, np.array([0.5, 0.0, 0.5, 0.0]), 1)


def test_halves_of_steps():
    steps = np.arange(10.0).reshape(5, 2)
    found = {hybrids.halves(steps, np.random.default_rng(seed)).tobytes() for seed in range(9)}
    assert found == {steps[:3].tobytes(), steps[3:].tobytes()}
    assert len(hybrids.halves(steps[:1], np.random.default_rng(0))) == 1
