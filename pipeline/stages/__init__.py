"""One file per stage: read, compute, write. In order: compose, examples, train, impacts, maps; claims stands apart."""
