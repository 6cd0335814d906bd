"""Pure functions on tensors and arrays: prefix impacts, Isomap, alignment, neighbours. No file, no config."""
