"""The paper's claims, one file each: numbers to a verdict by rules. `evidence`, `behind` and `tables` read files."""
