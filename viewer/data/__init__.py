"""Questions to the store, answered as frames and plain values. No Panel, no drawing."""
