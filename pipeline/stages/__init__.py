"""One file per DVC stage: read, compute, write. In order: compose, examples, train, impacts, maps; claims stands apart."""
