"""The networks, the one LightningModule that trains any of them, and their checkpoints."""
