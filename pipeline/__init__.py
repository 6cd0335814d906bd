"""From a corpus to Parquet: train a sequence classifier, keep every epoch, explain every prediction."""
