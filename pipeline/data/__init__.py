"""Corpora become examples, examples become encoded, padded batches."""
